"""Reading a funnel's past from an event log: one row per stage entry or outcome."""
