"""What others do with the data for us: the register of entrustments and what may be handed over."""
