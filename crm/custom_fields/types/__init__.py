"""The types of custom fields, one module each, found by the registry through their `TYPE`."""
