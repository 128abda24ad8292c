"""Speed beside the peer: the same datagrams, in the same run, as ratios. `python -m bench` runs it all."""
