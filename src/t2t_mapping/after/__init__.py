"""Before and after the move: compare mappings, look for drift, verify who arrived."""
