"""The access network: effects that stand in a router's kernel for as long as their permits do."""
