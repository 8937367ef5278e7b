"""Who is alive and what serves where: nodes and services, registered, judged and kept true."""
