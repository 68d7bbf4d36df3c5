"""FreeSWITCH: the port of appliance.port over the event socket (greenswitch under armour)."""
