"""Incidents as people see them. What is recorded in one are moves of its case (`desk/cases`)."""
