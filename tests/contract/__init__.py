"""What every switch must do: one suite of cases for Leg and Switch, run on each of them through a Rig."""
