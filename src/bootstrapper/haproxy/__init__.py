"""HAProxy follows its file without a reload, where that is possible without doubt.

`compare` tells what differs between two files (pure), `commands` what to say for it (pure),
`socket` says it, `apply` reads back what came of it, `reload` is for all the rest.
"""
