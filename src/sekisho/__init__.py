"""Sekisho: a checkpoint for people trusted with other people's communications and personal data.

Reading path for a newcomer, in this order:

    law/words.py  ->  gate/decide.py  ->  measures/infected_notice.py  ->  desk/flows/carry_out.py
"""

__version__ = "0.1.0"
