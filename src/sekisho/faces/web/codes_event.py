"""Words for the codes of an event's board."""

from __future__ import annotations

from sekisho.faces.web.i18n import N_

PANEL_STATES = {
    "no-permit": N_("Nobody has permitted this panel."),
    "stopped": N_("Somebody of the staff stopped this panel."),
    "changed": N_("This panel was changed, so it is reviewed again before it is shown."),
    "too-few": N_("There are so few devices that a total would be about each of them."),
    "no-data": N_("Nothing was counted just now."),
}
