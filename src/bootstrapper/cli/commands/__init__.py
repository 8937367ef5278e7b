"""The verbs, grouped by what they are about; each file ends with its COMMANDS."""
