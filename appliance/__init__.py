"""The call centre itself: settings, the line, the flows of calls, the records. Knows no switch."""
