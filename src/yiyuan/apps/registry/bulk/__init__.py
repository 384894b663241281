"""Writing whole files into the registry (整批入库), in sets, in the caller's transaction."""
