"""Questions that change nothing: what the law says of a plan, of an event, of one fact otherwise."""
