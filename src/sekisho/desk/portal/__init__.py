"""An event's captive portal: what attendees are asked, their answers by device, and who is led to the page."""
