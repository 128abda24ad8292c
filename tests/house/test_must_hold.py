"""What must hold, sentence by sentence, and the tests that show it. A promise without a test is not kept."""

from __future__ import annotations

import ast
from functools import cache

from house.source import ROOT

PROMISES: dict[str, tuple[str, ...]] = {
    # No path from sealed bytes to a value without a permit; tests try, as each process:
    "Files read directly give nothing.": (
        "tests/store/test_stream.py::test_nothing_readable_lies_on_the_disk",
        "tests/store/test_seal.py::test_sealed_bytes_hold_no_value",
        "tests/store/test_vault.py::test_files_are_for_keep_alone_and_say_nothing",
        "tests/redteam/test_curious_process.py::test_a_process_reads_and_writes_its_own_folders_and_no_other",
        "tests/redteam/test_curious_process.py::test_what_lies_on_the_disk_names_nobody_even_to_its_owner",
        "tests/stories/test_flow_to_notice.py::test_what_is_no_hit_is_nowhere_in_any_byte_the_node_wrote",
    ),
    "A forged permit opens nothing.": (
        "tests/redteam/test_forger.py::test_act_takes_no_forged_permit",
        "tests/redteam/test_forger.py::test_a_collector_keeps_nothing_under_a_forged_permit",
    ),
    "An expired permit opens nothing.": (
        "tests/redteam/test_forger.py::test_act_takes_no_expired_permit",
        "tests/redteam/test_bad_look.py::test_a_permit_that_is_over_opens_nothing",
    ),
    "A widened permit opens nothing.": (
        "tests/redteam/test_forger.py::test_a_look_opens_nothing_with_a_permit_its_child_rewrote",
        "tests/redteam/test_insider.py::test_a_plan_wider_than_the_measure_declares_is_not_even_entered",
    ),
    "A withdrawn permit opens nothing.": (
        "tests/redteam/test_forger.py::test_act_takes_no_withdrawn_permit_even_with_the_last_lease_it_was_given",
        "tests/redteam/test_bad_look.py::test_a_permit_withdrawn_while_a_look_runs_refuses_the_next_key_within_a_second",
    ),
    "Another day's key opens nothing.": (
        "tests/store/test_stream.py::test_a_days_keys_do_not_open_another_day",
        "tests/redteam/test_bad_look.py::test_another_days_key_is_refused",
    ),
    "Another class's key opens nothing.": (
        "tests/store/test_seal.py::test_a_narrowed_release_never_reaches_keep_for_a_foreign_key",
        "tests/store/test_view.py::test_a_column_the_permit_does_not_name_is_refused_before_any_key",
        "tests/redteam/test_bad_look.py::test_another_classs_key_is_refused",
    ),
    "Another purpose's key opens nothing.": (
        "tests/store/test_view.py::test_tokens_of_two_days_and_two_purposes_cannot_be_joined",
        "tests/store/test_view.py::test_another_permits_segment_in_this_folder_is_not_opened",
        "tests/redteam/test_bad_look.py::test_another_purposes_key_is_refused",
    ),
    "A console that asks to mint is refused.": (
        "tests/redteam/test_bad_face.py::test_a_role_may_ask_what_its_row_says_and_is_refused_all_else",
        "tests/redteam/test_bad_face.py::test_nobody_can_ask_to_mint",
    ),
    "A collector cannot read what it wrote.": (
        "tests/store/test_stream.py::test_the_collector_cannot_read_what_it_wrote",
        "tests/redteam/test_curious_process.py::test_a_collector_cannot_read_what_it_wrote",
    ),
    # Consent or permit withdrawn while running:
    "After a withdrawal the next read fails within one second.": (
        "tests/redteam/test_bad_look.py::test_a_permit_withdrawn_while_a_look_runs_refuses_the_next_key_within_a_second",
        "tests/stories/test_flow_to_notice.py::test_after_the_withdrawal_the_next_read_fails_within_one_second",
    ),
    "A mail not yet accepted by the server is not sent after a withdrawal.": (
        "tests/effects/test_mail.py::test_a_permit_withdrawn_between_recipient_and_data_sends_nothing",
        "tests/effects/test_mail.py::test_a_permit_withdrawn_while_the_server_thinks_about_data_sends_nothing",
        "tests/effects/test_mail.py::test_not_one_octet_of_the_message_leaves_after_a_withdrawal",
        "tests/redteam/test_killed.py::test_a_mail_not_yet_accepted_is_not_sent_when_its_permit_is_withdrawn_meanwhile",
    ),
    "A refusal in the console can be worked off item by item until it permits.": (
        "tests/faces/web/test_passkeys.py::test_a_refusal_is_worked_off_item_by_item_in_the_browser_until_it_permits",
    ),
    "Outside of its envelope nothing is permitted, and inside it the book of that second decides.": (
        "tests/gate/test_envelope.py::test_outside_the_envelope_is_refused",
        "tests/gate/test_envelope.py::test_the_book_of_that_second_decides",
        "tests/desk/test_envelopes.py::test_a_use_nobody_reviewed_within_a_day_blocks_the_next",
        "tests/desk/test_envelopes.py::test_a_revoked_envelope_is_used_no_more_and_what_was_made_in_it_ends_at_once",
        "tests/desk/test_envelopes.py::test_a_clock_that_jumped_uses_nothing",
    ),
    "Removing evidence ends every permit resting on it.": (
        "tests/gate/test_properties.py::test_removing_the_evidence_ends_every_permit_resting_on_it",
        "tests/desk/test_remeasure.py::test_a_finer_prefix_table_ends_the_permit_to_add_up",
        "tests/desk/test_living_evidence.py::test_a_list_cut_short_ends_its_permits_at_the_next_measurement",
    ),
    "Added evidence never refuses except where a rule says so.": (
        "tests/gate/test_properties.py::test_added_evidence_never_refuses_except_where_a_rule_says_so",
    ),
    "Conditions never collapse, and empty means no.": (
        "tests/gate/test_properties.py::test_conditions_never_collapse",
        "tests/gate/test_properties.py::test_empty_means_no",
    ),
    "A consent withdrawn while running is none at the next question.": (
        "tests/desk/test_consents.py::test_a_consent_withdrawn_before_the_look_names_nobody",
        "tests/desk/test_consents.py::test_a_withdrawal_stops_what_was_already_ordered_at_the_next_question",
    ),
    "A plan bound to consent touches only lines that consent.": (
        "tests/desk/test_consents.py::test_only_lines_that_consent_are_named_and_written_to",
        "tests/desk/test_consents.py::test_keep_does_not_take_the_childs_word_for_it",
    ),
    # Bad input:
    "Truncated input is counted per exporter with the reason, and nothing good is lost.": (
        "tests/wire/test_flows_properties.py::test_a_cut_datagram_gives_a_value_or_a_counted_reason",
        "tests/wire/test_flows_properties.py::test_version_5_keeps_the_whole_records_and_names_the_fault",
    ),
    "A lying length is counted, and nothing good is lost.": (
        "tests/wire/test_flows_state.py::test_good_sets_before_a_lying_one_are_kept",
        "tests/wire/test_flows_state.py::test_each_wrong_thing_has_its_own_count",
    ),
    "A template bomb is refused and memory stays bounded.": ("tests/wire/test_flows_state.py::test_memory_does_not_grow_under_bombs",),
    "A wrong version is counted.": ("tests/wire/test_flows_state.py::test_what_is_no_flow_export_is_counted",),
    "A foreign exporter is counted and not heard.": ("tests/wire/test_flows_state.py::test_only_the_operators_exporters_are_heard",),
    "Bad input makes one rate-limited log line.": (
        "tests/desk/test_collector.py::test_a_complaint_is_repeated_after_a_minute_and_only_if_there_is_more",
    ),
    "Every decoder gives a value or its one error, fed whole and byte by byte.": (
        "tests/fuzz/test_fuzz.py::test_a_fuzzer_finds_no_way_to_break_the_invariant",
        "tests/wire/test_radius_detail.py::test_the_same_bytes_give_the_same_rows_however_they_are_cut",
        "tests/wire/test_flows_properties.py::test_any_bytes_at_all_never_raise",
    ),
    # Never a permit:
    "Two conditions with one id never make a permit.": (
        "tests/gate/test_properties.py::test_two_conditions_with_one_id_never_make_a_book",
        "tests/gate/test_minting.py::test_even_a_book_forced_past_its_reader_gives_no_permit",
    ),
    "An empty list of conditions never makes a permit.": (
        "tests/gate/test_properties.py::test_an_empty_list_of_conditions_never_makes_a_book",
        "tests/gate/test_minting.py::test_even_a_book_forced_past_its_reader_gives_no_permit",
    ),
    "An unknown evidence kind never makes a permit.": (
        "tests/gate/test_properties.py::test_an_unknown_evidence_kind_never_makes_a_book",
        "tests/gate/test_minting.py::test_even_a_book_forced_past_its_reader_gives_no_permit",
    ),
    "A jumped clock never makes a permit.": (
        "tests/gate/test_properties.py::test_nothing_is_minted_but_what_was_permitted_shown_and_signed",
        "tests/redteam/test_insider.py::test_a_clock_that_jumped_never_makes_a_permit",
        "tests/redteam/test_insider.py::test_a_start_before_the_last_time_written_never_makes_a_permit",
    ),
    # The law of the day:
    "The same facts get the answer of their day where the law changed.": (
        "tests/gate/test_dates.py::test_the_same_facts_get_the_answer_of_their_day",
        "tests/law/test_rows_b.py::test_the_same_facts_get_the_answer_of_each_day",
        "tests/law/test_rows_b.py::test_a_measure_begins_on_the_day_its_source_gives",
        "tests/law/test_rows_d.py::test_the_same_facts_get_the_answer_of_their_day",
        "tests/law/test_parameters.py::test_one_side_alone_was_not_enough_then_and_is_now",
    ),
    "Every row of the law about filters, blocking, events and the panel has its case, and its questions their answer.": (
        "tests/law/test_rows_c.py::test_a_case_carries_the_row",
        "tests/law/test_rows_c.py::test_a_measure_answers_whole_questions_and_teaches_when_it_refuses",
        "tests/law/test_rows_c.py::test_the_same_facts_get_the_answer_of_each_day",
        "tests/law/test_questions_c.py::test_19_to_22_each_of_the_five_conditions_alone_refuses",
        "tests/law/test_questions_c.py::test_25_each_of_the_seven_conditions_alone_refuses",
        "tests/law/test_questions_c.py::test_3_each_part_of_the_consent_and_of_the_responsible_body_counts",
    ),
    "The cases of the panel of 2006 are answered as worked, with every ground that was tried.": (
        "tests/law/test_questions_c.py::test_8_panel_case_1_every_ground_is_tried_and_fails_where_the_trace_says",
        "tests/law/test_questions_c.py::test_9_panel_case_2_a_complaint_the_state_only_and_one_word",
        "tests/law/test_questions_c.py::test_11_panel_case_3_the_bill_and_only_the_bill",
        "tests/law/test_questions_c.py::test_panel_case_4_looking_is_permitted_once_confirmed_and_telling_the_victim_is_not",
        "tests/law/test_questions_c.py::test_10_panel_case_5_reading_addresses_to_carry",
        "tests/law/test_questions_c.py::test_panel_case_6_the_count_is_permitted_the_bodies_are_not_and_a_sample_handed_in_is",
    ),
    "Fairness, censorship and terms are gates of their own for every block and throttle.": (
        "tests/law/test_rows_c.py::test_what_somebody_says_is_no_reason_to_block_or_throttle",
        "tests/law/test_rows_c.py::test_a_plan_that_spares_somebody_is_refused_for_fairness",
        "tests/law/test_rows_c.py::test_terms_that_are_silent_carry_no_block",
        "tests/law/test_rows_c.py::test_fairness_binds_carriers_and_censorship_the_exempt_too",
    ),
    'No operator is outside: there is no answer "none" to which law binds.': (
        "tests/law/test_rows_c.py::test_every_operator_is_bound_by_some_law_of_secrecy",
        "tests/law/test_rows_c.py::test_no_memo_may_say_that_no_law_binds",
    ),
    "Every row of the law about norms, posts and personal data has its entry, and its questions their answer.": (
        "tests/law/test_rows_d.py::test_every_row_is_carried_by_an_entry_with_its_source",
        "tests/law/test_rows_d.py::test_a_worked_question_and_its_neighbours",
        "tests/law/test_rows_d.py::test_each_step_has_a_question_it_passes_or_a_reason_why_never",
    ),
    "An article is called what it was called on the day, and by its number of today.": (
        "tests/law/test_numbering.py::test_what_an_article_of_2016_is_called_today",
        "tests/law/test_numbering.py::test_a_span_is_its_parts_one_after_the_other",
        "tests/law/test_rows_d.py::test_the_tree_names_the_article_of_the_day",
        "tests/faces/web/test_tree.py::test_an_article_that_moved_is_shown_as_of_its_day_and_today",
    ),
    "What is touched is named, article by article, and decides nothing.": (
        "tests/law/test_norms.py::test_an_exempt_operator_is_bound_by_4_and_179_but_not_by_28_or_6",
        "tests/gate/test_touched.py::test_norms_grounds_and_numbering_decide_nothing",
        "tests/gate/test_touched.py::test_the_answer_names_norms_of_its_axis_its_regime_and_its_day_only",
    ),
    "A second use of what was found is refused, with the reason.": (
        "tests/law/test_rows_b.py::test_a_second_use_is_another_decision_and_says_so",
        "tests/law/test_rows_b.py::test_46_and_offering_products_to_the_same_list_is_a_second_use",
    ),
    # What is owed:
    "Clocks survive restarts, daylight, leap days and holidays.": (
        "tests/law/test_clocks.py::test_daylight_saving_of_any_zone_changes_nothing",
        "tests/law/test_clocks.py::test_months_go_by_the_calendar",
        "tests/law/test_clocks.py::test_a_year_from_a_leap_day",
        "tests/law/test_clocks.py::test_the_holidays_are_those_another_list_has",
        "tests/law/test_clocks.py::test_a_term_into_a_year_nobody_entered_is_early_and_says_so",
        "tests/gate/test_owed.py::test_the_same_question_gets_the_same_answer",
    ),
    "Silence never discharges a duty, opens a shield or ends a hold.": (
        "tests/gate/test_owed.py::test_silence_never_discharges_a_duty_nor_opens_a_shield_nor_ends_a_hold",
        "tests/gate/test_owed.py::test_saying_less_about_oneself_never_frees",
        "tests/law/test_duties.py::test_nothing_asks_for_absence",
    ),
    "A breach stays until it is done.": ("tests/gate/test_owed.py::test_a_breach_stays_until_it_is_done",),
    "A hold beats deletion and never discloses.": (
        "tests/law/test_rows_d.py::test_a_hold_stops_every_erasure_whatever_else_permits_it",
        "tests/law/test_rows_d.py::test_preserving_is_no_leave_to_show",
        "tests/gate/test_owed.py::test_86_a_ban_on_erasure_blocks_the_retention_job_until_the_case_ends",
        "tests/gate/test_owed.py::test_87_a_preservation_request_holds_30_days_and_60_in_all",
        "tests/faces/test_owing.py::test_for_machines_states_conditions_and_holds",
    ),
    "Each clock of an incident runs alone.": (
        "tests/gate/test_owed.py::test_one_incident_owes_two_reports_and_one_does_not_finish_the_other",
        "tests/gate/test_owed.py::test_events_answer_alone",
    ),
    "A malformed plan or book names file, line, field and what was expected, and nothing of it is used.": (
        "tests/desk/test_question.py::test_each_mistake_names_its_place_and_the_word_that_was_perhaps_meant",
        "tests/desk/test_question.py::test_whatever_a_key_holds_it_is_a_question_or_a_mistake_with_words",
        "tests/desk/test_where.py::test_a_place_stands_on_its_line_or_at_the_nearest_thing_around_it",
        "tests/desk/test_book_diff.py::test_what_is_wrong_is_named_by_file_line_and_field",
        "tests/faces/test_asking.py::test_a_mistake_names_file_line_field_and_the_word_perhaps_meant",
    ),
    "Every measure of the book can be asked about, found by what people say, and consulted about.": (
        "tests/desk/test_question.py::test_every_measure_of_the_book_can_be_asked_about_by_its_steps_names",
        "tests/desk/test_wishes.py::test_a_measure_is_found_first_by_its_own_words",
        "tests/desk/test_interview.py::test_the_written_plan_gets_the_answer_of_the_interview",
        "tests/desk/test_dossier.py::test_every_measure_of_the_book_can_be_consulted_about",
    ),
    "The dossier of a referred measure is complete, and what a plan says is shown there and never run.": (
        "tests/desk/test_dossier.py::test_every_section_is_there_in_order",
        "tests/desk/test_dossier.py::test_every_question_to_the_authority_is_printed_with_its_case",
        "tests/desk/test_dossier.py::test_malicious_strings_are_harmless",
        "tests/effects/test_letter.py::test_a_malicious_string_is_printed_as_it_is",
    ),
    "The forms of plans, evidence, facts, permits and decisions are public schemas.": (
        "tests/desk/test_schemas.py::test_every_form_is_a_schema_with_its_own_stable_id",
        "tests/desk/test_schemas.py::test_a_worked_piece_of_evidence_fits_and_a_broken_one_does_not",
        "tests/desk/test_schemas.py::test_a_form_refuses_what_the_reader_refuses",
    ),
    "Malformed rules and facts name file, field and what was expected.": (
        "tests/law/test_duties.py::test_a_malformed_rule_names_file_place_and_what_was_expected",
        "tests/law/test_facts.py::test_a_mistake_names_the_field_and_what_could_stand_there",
        "tests/faces/test_owing.py::test_a_mistake_is_named_by_file_line_and_field",
    ),
    # Speed and truth:
    "Real captures decode field by field to the expected values.": (
        "tests/wire/test_flows_golden_networks.py::test_a_whole_capture_agrees_with_a_second_decoder",
        "tests/wire/test_flows_golden_networks.py::test_addresses_ports_and_counts_agree_with_a_third_decoder",
        "tests/wire/test_flows_golden_vendors.py::test_every_expected_event_is_among_the_records_field_by_field",
    ),
    "The decoding bench compares checksums with a reference decoder.": (
        "tests/bench/test_decode.py::test_every_fields_sum_is_that_of_the_slow_reference_decoder",
    ),
    # The case book from elsewhere:
    "An edition of the case book comes into force whole or not at all.": (
        "tests/law/test_package.py::test_one_changed_byte_anywhere_is_refused_and_named",
        "tests/law/test_package.py::test_files_that_are_no_sound_book_are_named",
        "tests/desk/test_load_book.py::test_a_book_that_is_wrong_about_itself_is_refused_and_leaves_nothing",
        "tests/desk/test_load_book.py::test_a_full_disk_leaves_the_old_book",
        "tests/desk/test_load_book.py::test_killed_before_its_entry_a_load_never_was",
        "tests/desk/test_load_book.py::test_killed_between_its_entry_and_the_records_a_load_holds",
    ),
    "A new book carries no confirmation of a case that changed.": (
        "tests/desk/test_load_book.py::test_permits_stay_where_their_cases_are_as_they_were",
        "tests/desk/test_load_book.py::test_a_confirmation_of_a_case_that_changed_counts_no_more",
        "tests/desk/test_load_book.py::test_a_confirmation_counts_no_more_when_the_evidence_it_was_about_means_something_else",
    ),
    "What another operator says of the law decides nothing.": (
        "tests/desk/test_exchange.py::test_it_decides_nothing",
        "tests/desk/test_exchange.py::test_a_broken_bundle_is_named_and_nothing_of_it_is_taken",
    ),
    "The public register is written from permits alone.": (
        "tests/desk/test_public_register.py::test_it_names_no_person_no_line_no_evidence_and_no_scope",
        "tests/desk/test_public_register.py::test_a_withdrawn_measure_leaves_at_once_and_stands_among_the_ended",
    ),
    "Another country's term of keeping is data, and keys die on its day.": (
        "tests/desk/test_other_country.py::test_the_term_of_the_same_plan_is_that_of_the_country",
        "tests/desk/test_other_country.py::test_keys_die_on_the_day_the_country_says",
    ),
    # Cases, clocks and holds:
    "A case's clocks survive restarts, leap days, holidays and another edition of the book.": (
        "tests/desk/test_procedures.py::test_a_restart_in_the_middle_changes_nothing",
        "tests/law/test_procedures.py::test_days_are_counted_over_leap_days_and_new_year",
        "tests/law/test_procedures.py::test_a_wait_counted_in_a_year_nobody_entered_is_not_known_to_be_over",
        "tests/desk/test_procedures.py::test_a_case_is_finished_by_the_table_it_began_under",
    ),
    "Nothing of a case is forgotten, and nothing comes twice.": (
        "tests/desk/test_procedures.py::test_each_reminder_is_given_once_across_restarts",
        "tests/desk/test_procedures.py::test_what_was_missed_while_the_node_slept_is_made_up_for_once",
        "tests/desk/test_procedures.py::test_a_reminder_whose_entry_was_written_before_a_kill_is_not_given_again",
        "tests/desk/test_procedures.py::test_a_kill_between_ledger_and_record_leaves_a_case_that_stands_where_it_stood",
        "tests/desk/test_procedures.py::test_two_moves_at_once_make_one",
    ),
    "A hold beats deletion.": (
        "tests/desk/test_procedures.py::test_data_that_a_living_hold_names_are_not_destroyed_and_go_when_it_is_over",
        "tests/desk/test_procedures.py::test_rows_that_a_hold_names_stay_with_it",
    ),
    "A hold never discloses.": (
        "tests/desk/test_procedures.py::test_a_hold_alone_opens_nothing",
        "tests/desk/test_procedures.py::test_a_key_past_its_term_is_held_only_even_for_a_permit_in_force",
    ),
    # Speed of the gate, and the page a lawyer reads:
    "The gate is timed beside cedarpy only where both give the same answer on every axis.": (
        "tests/bench/test_gate.py::test_cedar_and_the_gate_agree_on_every_axis_of_every_worked_question",
        "tests/bench/test_gate.py::test_a_condition_cedar_is_not_told_stops_the_bench",
    ),
    "A permit seen before is checked for all that may have changed.": (
        "tests/gate/test_check.py::test_what_was_seen_before_is_checked_for_all_that_may_change",
        "tests/gate/test_check.py::test_a_refusal_is_not_remembered_as_a_permit",
    ),
    "Every case has its page with words, conditions, sources, dates and authority.": (
        "tests/desk/test_read_book.py::test_every_case_has_a_page_with_words_conditions_sources_dates_and_authority",
        "tests/faces/web/test_book.py::test_a_case_shows_each_rule_beside_its_check_with_source_dates_and_history",
        "tests/house/test_docs.py::test_every_case_has_its_page_with_its_words_in_both_languages",
    ),
    "One changed fact changes the tree, and nothing is written.": (
        "tests/desk/test_read_book.py::test_one_changed_fact_changes_the_tree_and_names_the_condition",
        "tests/faces/web/test_book.py::test_one_fact_changed_in_the_form_changes_the_tree",
    ),
    # Cases about posts:
    "The terms of every lane are right on any day, and its letters are as they were last read.": (
        "tests/law/test_lane_clocks.py::test_days_are_counted_from_the_day_after_receipt_and_the_last_one_must_be_over",
        "tests/law/test_lane_clocks.py::test_a_month_ends_on_the_day_of_that_number_or_on_its_last",
        "tests/effects/test_case_letters.py::test_a_letter_reads_as_it_was_last_looked_at",
    ),
    "Whose signature a letter bears is told, and any byte that changed; where nobody signed, that is said, and how its words are proved.": (
        "tests/effects/test_signature.py::test_who_signed_is_named_and_known_by_the_root_that_is_trusted",
        "tests/effects/test_signature.py::test_any_byte_of_the_letter_that_changes_is_noticed",
        "tests/effects/test_signature.py::test_a_signed_letter_still_has_what_pdf_a_2b_asks_for",
        "tests/faces/test_letters_commands.py::test_with_a_certificate_both_copies_are_signed_and_who_did_is_said",
        "tests/faces/test_letters_commands.py::test_without_a_certificate_it_says_that_nobody_signed_and_what_proves_the_words",
    ),
    "A disclosure holds exactly what was asked for, held and lawful, and no letter to the sender holds what the claimant keeps back.": (
        "tests/desk/test_disclosure.py::test_only_what_was_asked_for_and_is_held_can_be_decided",
        "tests/desk/test_disclosure.py::test_exactly_the_items_decided_are_released",
        "tests/desk/test_disclosure.py::test_the_letters_hold_what_was_released_and_no_other_item_in_any_byte",
        "tests/desk/test_disclosure.py::test_the_senders_letters_hold_nothing_of_who_asks_and_no_value",
        "tests/desk/test_decided.py::test_what_the_claimant_keeps_back_is_in_no_byte_of_the_paper",
    ),
    "What a case lets out takes a permit of that case, which people signed and anybody can replay; withdrawn or over, nothing goes.": (
        "tests/desk/test_release.py::test_a_release_is_approved_by_as_many_as_the_case_book_asks_for_and_then_has_its_permit",
        "tests/desk/test_release.py::test_ledger_entries_of_move_and_letters_name_the_permit_and_each_is_replayed",
        "tests/desk/test_release.py::test_a_refusal_stands_in_the_ledger_and_is_mended_by_what_was_missing",
        "tests/desk/test_release.py::test_a_withdrawn_permit_stops_a_release_that_has_not_happened",
        "tests/desk/test_release.py::test_a_permit_that_is_over_stops_the_release_and_the_letter_until_the_case_is_closed",
        "tests/law/test_procedures.py::test_a_table_that_could_let_something_out_otherwise_is_refused",
        "tests/law/test_procedures.py::test_a_way_round_the_permit_is_refused_whichever_it_is",
    ),
    "A deletion and a disclosure killed at any step resume: the same letters, no move twice, none forgotten, and the ledger verifies.": (
        "tests/desk/test_killed_cases.py::test_killed_at_any_moment_of_any_step_the_case_ends_as_if_nothing_had_been",
        "tests/desk/test_killed_cases.py::test_what_the_ledger_says_and_nobody_was_told_is_there_once_in_the_records",
        "tests/desk/test_killed_cases.py::test_a_file_whose_attaching_was_killed_is_sealed_and_nobodys_paper",
    ),
    # Senders of posts:
    "The right four values of a sender, or an honest empty one with the reason, on every server behind every proxy.": (
        "tests/sender/test_matrix.py::test_a_client_that_connects_directly_is_known_by_its_socket",
        "tests/sender/test_matrix.py::test_behind_a_shipped_recipe_all_four_values_are_right",
        "tests/sender/test_matrix.py::test_x_forwarded_for_with_a_port_gives_the_source_and_says_that_it_has_no_destination",
        "tests/sender/test_matrix.py::test_the_proxy_protocol_is_read_by_uvicorn_and_gunicorn_and_refused_by_the_others",
    ),
    "No forged header ever names the sender.": (
        "tests/sender/test_attacks.py::test_nothing_a_client_writes_makes_it_somebody_else",
        "tests/sender/test_attacks.py::test_a_client_that_speaks_the_proxy_protocol_is_not_listened_to",
        "tests/sender/test_attacks.py::test_a_second_for_in_our_own_header_is_noticed_as_tampering",
        "tests/sender/test_matrix.py::test_a_server_that_reads_x_forwarded_for_by_itself_is_noticed_and_nobody_is_named",
        "tests/sender/test_walk.py::test_whatever_an_untrusted_peer_claims_is_kept_and_not_used",
        "tests/sender/test_walk.py::test_a_trust_that_is_too_wide_or_unclear_is_refused",
    ),
    # Services with user posts, keeping:
    "Of 10,000 posts at load every post has its record or was refused.": (
        "tests/sender/test_services.py::test_of_ten_thousand_posts_every_one_has_its_record_or_was_refused_also_when_the_server_is_killed",
        "tests/sender/test_sqlalchemy.py::test_whatever_goes_round_the_hooks_is_refused_by_the_database_at_the_commit",
        "tests/sender/test_django.py::test_plain_sql_round_the_models_is_stopped_by_the_database",
    ),
    "Log mode joins every post.": (
        "tests/sender/test_services.py::test_log_mode_joins_all_of_ten_thousand_posts_over_two_front_ends_with_logs_rotated_at_load",
        "tests/sender/test_sealedlog.py::test_an_import_killed_in_the_middle_and_run_again_has_every_line_once",
    ),
    "A log with five good lines and one impossible address imports five and names the sixth.": (
        "tests/sender/test_sealedlog.py::test_five_good_lines_and_one_impossible_address_import_five_and_name_the_sixth",
    ),
    "Between front end and back end an unsigned, altered, expired or repeated sender is refused.": (
        "tests/sender/test_handover.py::test_a_header_that_is_not_for_this_request_now_is_refused_by_number",
        "tests/sender/test_handover.py::test_a_header_is_good_once_also_for_another_worker",
    ),
    "The service cannot open what it sealed.": (
        "tests/sender/test_seal.py::test_the_package_has_nothing_that_opens_a_sealed_record",
        "tests/sender/test_seal.py::test_the_printed_example_is_sealed_byte_for_byte",
    ),
    # What strangers send:
    "What is left of a sender record when its key is gone tells nobody anything of the address, in whatever copy of the table.": (
        "tests/desk/test_reveal.py::test_after_its_term_a_record_is_compared_with_nothing_in_whatever_copy_of_the_table",
        "tests/desk/test_reveal.py::test_what_is_left_of_records_tells_nobody_who_posted_twice",
        "tests/sender/test_seal.py::test_the_officers_compare_an_address_with_a_record_and_nobody_compares_two_records",
        "tests/sender/test_first_version.py::test_when_a_program_starts_the_old_index_is_emptied_and_nothing_else_of_a_record_changes",
        "tests/sender/test_django.py::test_a_migration_empties_the_index_of_the_first_version_and_changes_nothing_else",
    ),
    "Nobody's post is kept in the name of somebody else's request, whatever of that request is left.": (
        "tests/sender/test_leaks.py::test_a_worker_that_was_started_in_somebodys_request_does_not_write_in_their_name_for_ever",
        "tests/sender/test_leaks.py::test_two_answers_that_a_server_writes_in_turns_on_one_thread_each_have_their_own_sender",
        "tests/sender/test_leaks.py::test_an_answer_that_the_server_never_finishes_leaves_nobody_on_its_thread",
        "tests/sender/test_leaks.py::test_what_one_request_left_in_a_session_is_not_written_in_the_name_of_the_next",
    ),
    "No bytes of a stranger break a reader of senders, and no request a door of the console.": (
        "tests/fuzz/test_fuzz.py::test_a_fuzzer_finds_no_way_to_break_the_invariant",
        "tests/faces/web/test_openapi.py::test_whatever_a_machine_sends_is_answered_as_described_and_breaks_nothing",
        "tests/sender/test_handover.py::test_what_no_front_end_of_ours_writes_is_refused_although_the_right_secret_signed_it",
    ),
    "Strangers' uploads and texts harm nobody: markup, PDF, path, zip, spreadsheet formulas.": (
        "tests/faces/web/test_cases.py::test_somebody_elses_words_are_escaped_wherever_they_stand",
        "tests/faces/web/test_doors.py::test_a_file_is_what_its_octets_are_whatever_its_name_says",
        "tests/faces/web/test_doors.py::test_the_name_of_a_file_never_becomes_a_path_a_header_or_a_tag",
        "tests/faces/web/test_doors.py::test_files_are_bounded_one_by_one_and_together",
        "tests/desk/test_scan.py::test_each_file_is_scanned_once_and_what_was_said_is_entered_with_it",
        "tests/desk/test_scan.py::test_a_found_file_stays_sealed_and_is_taken_out_only_by_who_says_that_it_is_dangerous",
        "tests/desk/test_scan.py::test_while_the_scanner_is_away_nothing_waits_for_it_and_when_it_is_back_all_is_scanned",
        "tests/faces/web/test_cases.py::test_a_dangerous_file_comes_only_after_a_page_that_says_so",
        "tests/desk/test_transparency.py::test_no_cell_is_a_formula",
        "tests/effects/test_letter.py::test_a_paper_has_what_pdf_a_2b_asks_for_and_nothing_that_runs_or_is_hidden",
        "tests/redteam/test_strangers.py::test_the_matrix_of_roles_and_actions_is_whole",
    ),
    "A list goes to a party only as approved: this file, these columns, these many people, this key, once.": (
        "tests/desk/test_hand_over.py::test_a_list_goes_to_the_party_alone_with_the_permitted_columns_and_two_of_our_own",
        "tests/desk/test_hand_over.py::test_another_list_than_the_approved_one_is_refused_whoever_says_it_is_the_same",
        "tests/desk/test_hand_over.py::test_a_key_that_changed_after_the_approval_ends_the_permit",
        "tests/desk/test_hand_over.py::test_one_permit_is_one_hand_over",
        "tests/desk/test_hand_over_cut.py::test_one_person_more_than_permitted_stops_all_of_it_and_names_the_line",
        "tests/desk/test_hand_over_cut.py::test_only_the_permitted_columns_leave_whatever_the_list_has",
        "tests/desk/test_hand_over.py::test_killed_anywhere_it_goes_on_and_hands_over_once",
    ),
    "Nobody's name or address lies open on the node at any moment of a hand-over.": (
        "tests/stories/test_a_list_goes_to_a_contractor.py::test_no_name_and_no_address_lies_open_anywhere_on_the_node",
        "tests/desk/test_hand_over.py::test_no_name_stays_on_the_disk_whatever_stage_it_was_killed_at",
    ),
    "A leaked canary names the hand-over.": (
        "tests/desk/test_hand_over.py::test_a_canary_names_the_hand_over_it_leaked_from",
        "tests/stories/test_a_list_goes_to_a_contractor.py::test_a_mail_to_one_of_our_own_names_the_hand_over_it_leaked_from",
    ),
    "The marathon as it happened is refused at its hand-overs; the lawful way is one plan and one command.": (
        "tests/stories/test_a_list_goes_to_a_contractor.py::test_without_a_row_nothing_is_even_proposed",
        "tests/stories/test_a_list_goes_to_a_contractor.py::test_a_field_the_row_does_not_have_gets_no_permit_whoever_signs",
        "tests/stories/test_a_list_goes_to_a_contractor.py::test_the_lawful_way_is_a_plan_two_approvals_and_one_command",
    ),
    "The marathon's story as it happened is refused at each of its failing steps, with the reasons; the lawful way is as easy.": (
        "tests/stories/test_the_marathon_both_ways.py::test_each_step_as_it_happened_is_refused_with_its_reason",
        "tests/stories/test_the_marathon_both_ways.py::test_the_lawful_way_is_a_line_and_a_command_for_each_step",
    ),
    "The 2023 boards are refused with the reasons and two days of an event are held the lawful way, by one command.": (
        "tests/stories/test_an_event_from_begin_to_end.py::test_what_nobody_may_do_is_refused_with_its_reason",
        "tests/stories/test_an_event_from_begin_to_end.py::test_a_consent_a_withdrawal_an_objection_and_the_end_are_done_the_lawful_way",
        "tests/stories/test_an_event_from_begin_to_end.py::test_no_device_and_no_name_asked_for_without_consent_lies_in_any_file",
    ),
    # Budgets:
    "Budgets of length are enforced.": (
        "tests/house/test_rules.py::test_a_rule_bites_what_it_forbids_and_nothing_else",
        "tests/house/test_rules.py::test_a_rule_over_the_tree_bites_what_it_forbids_and_nothing_else",
    ),
    # Entrusted people
    "Personal mails through a real Postfix: one recipient each, no foreign address in any byte; kill -9 in the middle loses none.": (
        "tests/desk/test_campaign_sending.py::test_each_gets_one_mail_with_nobody_else_in_any_byte",
        "tests/desk/test_campaign_sending.py::test_killed_in_the_middle_none_is_lost_and_none_goes_twice",
        "tests/desk/test_campaign_sending.py::test_without_a_log_what_was_under_way_is_listed_and_never_sent_again",
    ),
    "An approval is void after any change of one byte, link, attachment or time, and after any added recipient.": (
        "tests/law/test_campaign.py::test_no_field_is_outside_the_digest",
        "tests/desk/test_campaigns.py::test_another_byte_link_file_or_time_is_another_campaign",
        "tests/desk/test_campaigns.py::test_words_changed_in_the_records_after_approval_end_the_permit",
        "tests/desk/test_campaigns.py::test_other_recipients_than_were_signed_for_are_refused",
        "tests/desk/test_campaign_sending.py::test_a_row_that_was_laid_into_the_records_is_sent_nothing_and_stops_all",
        "tests/desk/test_campaign_sending.py::test_a_box_exchanged_for_another_is_not_of_the_set",
    ),
    "Robots: GET, HEAD, prefetch, headless Chromium that clicks every button and link: nothing is confirmed.": (
        "tests/stories/test_robots_read_mails.py::test_a_browser_that_opens_every_link_and_presses_every_button_confirms_nothing",
        "tests/stories/test_robots_read_mails.py::test_what_a_filter_stops_by_the_one_press_is_told_to_the_person_and_undone_by_one_reply",
        "tests/faces/web/test_agree.py::test_a_page_that_is_loaded_or_whose_every_button_is_pressed_agrees_to_nothing",
        "tests/faces/web/test_agree.py::test_a_browser_that_runs_scripts_and_presses_everything_confirms_nothing",
        "tests/faces/web/test_agree.py::test_no_code_stands_on_the_page_or_in_any_link",
    ),
    "A link to a closed viewing that is shared does not play; its term ends and access ends, the key is destroyed.": (
        "tests/faces/web/test_watch.py::test_a_link_shared_to_a_stranger_does_not_play",
        "tests/desk/test_viewing.py::test_on_its_last_day_access_ends_and_the_key_is_destroyed",
        "tests/faces/web/test_watch_files.py::test_a_link_shared_to_a_stranger_opens_no_file",
        "tests/faces/web/test_watch_files.py::test_the_last_day_ends_it",
        "tests/stories/test_closed_viewing.py::test_a_link_shared_to_a_stranger_opens_nothing",
        "tests/stories/test_closed_viewing.py::test_the_term_ends_and_access_ends_for_a_browser_that_has_it_open",
        "tests/desk/test_viewing.py::test_without_the_makers_terms_for_this_film_to_this_day_no_permit",
        "tests/faces/web/test_watch.py::test_a_robot_that_presses_everything_opens_nothing",
    ),
    "An invitation registers nobody: of who does not answer nothing is left after its term.": (
        "tests/desk/test_optin.py::test_only_the_code_of_the_mail_agrees_and_it_agrees_for_one_person",
        "tests/desk/test_optin.py::test_of_who_does_not_answer_nothing_is_left_after_the_invitations_term",
        "tests/desk/test_optin.py::test_nobody_is_registered_by_another_at_any_promised_interface",
    ),
    "A code is asked for with the same answer for every address; it confirms where it is typed, its link only where it was asked for.": (
        "tests/desk/test_asked_code.py::test_the_answer_is_the_same_for_every_address_and_whoever_stopped_our_mails_gets_none",
        "tests/desk/test_asked_code.py::test_the_link_of_the_mail_agrees_only_in_the_browser_that_asked",
        "tests/desk/test_asked_code.py::test_of_a_request_that_nobody_confirms_nothing_is_left_after_a_day",
        "tests/faces/web/test_agree_asked.py::test_a_browser_that_presses_everything_and_types_an_address_confirms_nothing",
    ),
    "Who submitted a message never approves it, at no door.": (
        "tests/desk/test_campaigns.py::test_who_submitted_never_approves_it",
        "tests/faces/test_campaign_commands.py::test_who_submitted_it_cannot_approve_it",
        "tests/faces/test_campaign_commands.py::test_not_even_a_legal_officer_approves_what_they_submitted",
        "tests/faces/web/test_campaigns.py::test_who_submitted_it_is_offered_no_approval_and_refused_when_they_sign_one",
    ),
    "Mailman 3 or a small list tool stands in as the contractor's tool with an undeclared list function: the drill catches it; a leaked "
    "canary names the hand-over.": (
        "tests/desk/test_drill.py::test_an_undeclared_list_function_is_caught_and_named_with_its_mails",
        "tests/desk/test_drill.py::test_with_the_function_off_the_drill_passes",
        "tests/stories/test_a_tool_is_tried_before_real_people.py::test_the_drill_catches_the_list_function_nobody_declared_and_names_its_mails",
        "tests/stories/test_a_tool_is_tried_before_real_people.py::test_a_mail_to_one_of_them_that_nobody_approved_names_the_party",
        "tests/desk/test_canary_mail.py::test_a_mail_nobody_approved_names_the_list_and_the_party",
        "tests/desk/test_canary_mail.py::test_each_hand_over_has_people_of_its_own",
    ),
    "No list goes into a contractor's tool that was not declared, drilled and signed for by both sides; a new release begins anew.": (
        "tests/desk/test_tools.py::test_no_list_is_handed_over_before_the_tool_is_declared_drilled_and_signed",
        "tests/desk/test_tools.py::test_a_new_release_ends_every_permit_that_rests_on_the_tool",
        "tests/law/test_tool.py::test_one_thing_missing_and_it_is_not",
        "tests/law/test_tool.py::test_whatever_was_heard_and_not_declared_on_is_named_and_never_clear",
    ),
    "Without a row in force in the register of entrustments, no list is handed over.": (
        "tests/desk/test_entrust.py::test_a_sponsor_without_a_row_gets_nothing",
        "tests/desk/test_entrust.py::test_a_draft_carries_nothing",
        "tests/desk/test_entrust.py::test_a_row_past_its_last_day_carries_nothing",
        "tests/desk/test_entrust.py::test_who_asks_for_more_than_the_row_gets_no_permit_however_many_sign",
    ),
    "A sub-contractor never holds more than the one above it.": (
        "tests/law/test_entrustment.py::test_below_holds_no_more_than_above_in_any_respect",
        "tests/law/test_entrustment.py::test_through_any_number_of_firms_the_last_holds_no_more_than_the_first",
        "tests/desk/test_entrust.py::test_a_sub_contractor_that_would_hold_more_is_refused_by_respect",
    ),
    "What was permitted under a row ends with it.": (
        "tests/desk/test_entrust.py::test_a_permit_ends_in_the_same_moment_as_its_row",
        "tests/desk/test_entrust.py::test_a_permit_of_a_row_below_ends_with_the_row_above",
        "tests/desk/test_entrust.py::test_a_permit_ends_with_its_rows_last_day_by_itself",
    ),
    "Port 25 is refused, 587 passes, exceptions pass, on real packets.": (
        "tests/stories/test_op25b.py::test_with_the_permit_port_25_is_refused_and_587_passes",
        "tests/stories/test_op25b.py::test_our_own_mail_server_and_fixed_addresses_are_let_through",
        "tests/stories/test_op25b.py::test_who_is_refused_reaches_the_page_that_says_why_and_the_help_desk_opens_their_line_by_its_code",
    ),
    "Withdrawal, expiry, stale evidence, a killed reconciler, a rebuilt namespace: the kernel's state equals the permits each time.": (
        "tests/stories/test_op25b.py::test_withdrawing_opens_the_port_within_seconds",
        "tests/stories/test_op25b.py::test_a_permit_that_is_over_is_gone_from_the_kernel",
        "tests/stories/test_op25b.py::test_a_port_that_is_gone_ends_the_block",
        "tests/stories/test_op25b.py::test_a_permit_that_somebody_forged_on_the_way_makes_no_rule",
        "tests/stories/test_op25b.py::test_a_killed_process_leaves_the_rules_and_the_next_one_takes_them_up",
        "tests/stories/test_op25b.py::test_a_namespace_made_anew_is_found",
        "tests/stories/test_op25b.py::test_what_is_changed_by_hand_is_put_right",
        "tests/desk/test_kernel_held.py::test_at_its_end_it_is_gone_without_anybody_saying_so",
        "tests/desk/test_kernel_held.py::test_evidence_that_went_stale_ends_it",
        "tests/effects/test_nft.py::test_whatever_stood_there_one_round_makes_it_what_is_wanted_and_the_next_changes_nothing",
    ),
    "Port 25 is refused no earlier and in no other words than announced, and not while a mail service without a port is left.": (
        "tests/desk/test_op25b.py::test_it_starts_no_earlier_and_with_no_other_words_than_were_announced",
        "tests/desk/test_op25b.py::test_while_a_mail_service_is_left_nothing_is_blocked_and_the_list_worked_off_permits_it",
        "tests/desk/test_op25b.py::test_on_the_day_that_was_announced_keep_permits_it_of_itself",
    ),
    "Port 25 is refused on roamed lines only with their owner's signed answer; the owner is told ranges, never which line sent.": (
        "tests/stories/test_a_network_owner.py::test_the_owner_is_asked_answers_and_only_then_the_block_is_permitted",
        "tests/stories/test_a_network_owner.py::test_a_request_that_names_lines_that_sent_is_refused_with_its_reason",
        "tests/stories/test_a_network_owner.py::test_an_agreement_to_another_request_or_from_a_later_day_permits_nothing_yet",
    ),
    "A plan signed before its last evidence was there is permitted when it comes, once, and never against a withdrawal.": (
        "tests/desk/test_op25b.py::test_a_plan_that_was_approved_before_its_last_probe_spoke_is_permitted_by_keep_itself",
        "tests/desk/test_op25b.py::test_what_was_not_signed_by_all_is_not_permitted_by_any_measurement",
        "tests/desk/test_op25b.py::test_a_permit_that_was_withdrawn_or_ended_is_not_made_again_by_itself",
    ),
    "What a line chose, and what it moved, lasts as long as what it is for, and no longer.": (
        "tests/desk/test_filters.py::test_what_lines_chose_goes_a_day_after_the_last_permit_it_was_for_with_an_entry_that_names_nobody",
        "tests/stories/test_shaping.py::test_what_lines_moved_is_counted_on_when_the_rules_are_written_anew",
    ),
    "Shaped throughput is within a tenth of the class; switch off, flows pass within two seconds; data gone, shaping gone.": (
        "tests/stories/test_shaping.py::test_a_line_over_the_test_moves_what_its_class_lets_and_a_line_below_it_whatever_it_likes",
        "tests/stories/test_shaping.py::test_the_switch_is_thrown_and_flows_pass",
        "tests/stories/test_shaping.py::test_data_gone_shaping_gone",
        "tests/stories/test_class_shaping.py::test_the_application_moves_what_its_class_lets_and_the_rest_of_the_same_line_whatever_it_likes",
        "tests/stories/test_class_shaping.py::test_data_gone_shaping_gone",
    ),
    "A line that switches a filter off has its flows within two seconds; withdrawn, the rules are gone.": (
        "tests/stories/test_filters.py::test_switched_off_flows_pass_within_two_seconds_and_only_of_that_line",
        "tests/stories/test_filters.py::test_after_a_killed_process_and_an_emptied_kernel_the_switch_still_counts",
        "tests/stories/test_filters.py::test_withdrawn_everything_passes_within_seconds",
    ),
    "A default-on filter is permitted only once the software tried its switch, and only for the rules customers were told of.": (
        "tests/stories/test_filters.py::test_until_the_software_tried_the_switch_itself_there_is_no_permit",
        "tests/desk/test_filters.py::test_a_kernel_that_does_not_let_a_line_go_ends_the_filter",
        "tests/desk/test_filters.py::test_rules_that_customers_were_not_told_of_are_refused",
    ),
    "A line that switches a filter of names off has their own addresses within two seconds; the resolver answers as the permits say.": (
        "tests/stories/test_name_filter.py::test_switched_off_names_have_their_address_within_two_seconds_and_only_for_that_line",
        "tests/stories/test_name_filter.py::test_a_file_that_somebody_took_away_or_changed_is_put_right_within_two_seconds",
        "tests/stories/test_name_filter.py::test_after_a_killed_process_the_filter_ends_by_itself_and_the_next_one_takes_it_up",
        "tests/stories/test_name_filter.py::test_withdrawn_every_name_has_its_address_within_two_seconds",
        "tests/desk/test_name_filter.py::test_a_switch_that_no_longer_works_ends_the_filter",
        "tests/stories/test_name_filter.py::test_a_line_known_by_ipv6_is_filtered_and_switches_it_off_for_its_prefix_alone",
    ),
    "Every standing measure is there just as long as its permit: withdrawn, over, its ground gone, keep silent, killed, all made anew.": (
        "tests/desk/test_leases_of_every_measure.py::test_every_standing_effect_is_among_these",
        "tests/desk/test_leases_of_every_measure.py::test_each_is_gone_once_it_is_withdrawn_and_the_others_stay",
        "tests/desk/test_leases_of_every_measure.py::test_each_is_gone_at_its_end_without_anybody_saying_so",
        "tests/desk/test_leases_of_every_measure.py::test_each_that_rests_on_what_was_measured_is_gone_when_that_is_gone",
        "tests/desk/test_leases_of_every_measure.py::test_a_silent_keep_ends_all_of_it_with_its_last_word",
        "tests/desk/test_leases_of_every_measure.py::test_killed_processes_leave_nothing_longer_than_a_lease_and_the_next_ones_take_it_up",
        "tests/desk/test_leases_of_every_measure.py::test_what_was_withdrawn_while_nobody_ran_is_gone_with_the_next_process",
        "tests/desk/test_leases_of_every_measure.py::test_a_kernel_and_a_folder_made_anew_have_all_of_it_after_one_round",
        "tests/desk/test_leases_of_every_measure.py::test_a_keep_that_was_started_anew_goes_on_with_all_of_it",
        "tests/stories/test_mail_policy.py::test_a_permit_whose_time_is_over_is_not_acted_on_any_more",
    ),
    "10,000 lines with individual switches are reconciled under a second.": (
        "tests/stories/test_name_filter.py::test_ten_thousand_lines_with_a_switch_each_are_let_through_at_the_resolver_within_seconds",
        "tests/effects/test_nft.py::test_ten_thousand_lines_with_a_switch_each_are_reconciled_under_a_second",
    ),
    "The mail server hears DUNNO without a permit; one that ends is not acted on two seconds later.": (
        "tests/desk/test_answer_mail.py::test_without_a_permit_everything_is_dunno_and_nothing_is_counted",
        "tests/desk/test_answer_mail.py::test_at_its_end_it_is_gone_without_anybody_saying_so",
        "tests/desk/test_answer_mail.py::test_a_forged_permit_limits_nobody",
        "tests/stories/test_mail_policy.py::test_a_permit_that_is_withdrawn_is_not_acted_on_any_more",
    ),
    "A wrong suspension is undone with its reasons in one act, and the mail server lets that account send again.": (
        "tests/stories/test_a_wrong_suspension.py::test_the_suspended_account_is_put_off_by_the_mail_server_and_nobody_else_is",
        "tests/stories/test_a_wrong_suspension.py::test_one_signature_ends_it_with_its_reasons_and_the_account_sends_again",
        "tests/desk/test_suspension.py::test_a_wrong_suspension_is_undone_with_its_reasons_in_one_act",
        "tests/desk/test_account_hold.py::test_only_the_suspended_account_waits_and_the_restoring_signature_lets_it_send",
    ),
    "Accounts that act alike are found on counts, tried on real customers first, held as long as the permit lives, and let go.": (
        "tests/stories/test_alike_accounts.py::test_counted_tried_and_held_at_a_real_mail_server_as_long_as_the_permit_lives",
        "tests/desk/test_alike.py::test_settled_customers_who_act_alike_are_mistakes_that_are_counted_and_refuse_the_hold",
        "tests/desk/test_alike.py::test_each_owner_is_told_once_and_the_number_lets_that_account_go_alone",
        "tests/desk/test_alike.py::test_no_name_network_or_day_is_told_to_keep_or_stands_on_a_disk_of_ours",
    ),
    "Signs of a hijacked account are counted without a body, tried, held while the permit lives; its owner is told and restores it.": (
        "tests/stories/test_hijacked_account.py::test_a_stolen_password_is_noticed_tried_and_held_at_a_real_mail_server_as_long_as_the_permit_lives",
        "tests/desk/test_hijack.py::test_a_settled_customer_with_signs_counts_as_a_mistake_and_one_of_sixty_refuses_the_hold",
        "tests/desk/test_hijack.py::test_its_owner_is_told_once_and_the_number_lets_it_go_at_once",
        "tests/desk/test_hijack.py::test_no_name_and_no_network_is_told_to_keep_or_stands_on_a_disk_of_ours",
    ),
    "Signs in the sending log: not a line is read without a permit, no recipient is kept, and nobody makes a sign of somebody else's.": (
        "tests/stories/test_sending_log.py::test_without_a_permit_not_a_line_is_read_and_what_was_before_stays_unread",
        "tests/stories/test_sending_log.py::test_recipients_that_do_not_exist_and_a_guessed_password_are_counted_and_fifty_customers_tried",
        "tests/stories/test_sending_log.py::test_nobody_writes_a_sign_into_the_log_of_somebody_else",
        "tests/stories/test_sending_log.py::test_who_shows_signs_is_held_as_long_as_the_permit_lives_and_over_a_rotated_log",
    ),
    "Of a check at sign-up method and result are kept, and no copy of a paper beyond its term.": (
        "tests/stories/test_who_signs_up.py::test_at_its_term_the_copy_is_unreadable_in_every_copy_and_the_result_stays",
        "tests/desk/test_sign_up.py::test_no_copy_is_taken_before_the_gate_said_yes_nor_where_it_said_none",
        "tests/desk/test_sign_up.py::test_a_hold_on_the_case_keeps_the_copy_until_it_is_lifted",
    ),
    "Nobody who signs up is asked for more than the risk allows, and a new account sends less only until a person has looked.": (
        "tests/stories/test_who_signs_up.py::test_more_than_the_risk_allows_is_refused_and_the_lawful_check_is_not",
        "tests/stories/test_who_signs_up.py::test_a_real_postfix_refuses_the_21st_mail_of_a_new_account_and_of_nobody_else",
        "tests/stories/test_who_signs_up.py::test_after_a_look_by_name_the_account_sends_as_others",
    ),
    "A list of abusers shared with other providers is asked of the gate, and answered with its reasons.": (
        "tests/stories/test_a_shared_list_of_abusers.py::test_an_open_scheme_waits_for_the_officer_and_is_then_the_lawful_way",
        "tests/stories/test_a_shared_list_of_abusers.py::test_what_no_case_carries_is_refused_with_its_reason_even_confirmed",
    ),
    "IP25B: only after three facts were counted, never without a reason; gone with list, ground and permit within two seconds.": (
        "tests/stories/test_mail_policy.py::test_mail_straight_from_dynamic_ranges_is_refused_once_it_was_counted_and_says_why",
        "tests/desk/test_ip25b.py::test_what_was_counted_decides",
        "tests/desk/test_ip25b.py::test_the_counting_goes_on_beside_the_block_and_when_it_is_withdrawn_the_block_has_lost_its_ground",
        "tests/desk/test_ip25b.py::test_no_address_and_no_recipient_is_kept_and_networks_are_gone_with_the_hour",
        "tests/effects/test_dynamic_block.py::test_a_plan_that_leaves_open_what_it_does_or_lets_a_whole_provider_in_is_none",
    ),
    "A block list acts only for recipients who agreed, from our own copy, and not once it is old.": (
        "tests/stories/test_mail_policy.py::test_a_listed_source_is_refused_for_who_agreed_and_an_old_list_is_none",
        "tests/desk/test_own_block_list.py::test_a_listed_source_is_refused_by_who_agreed_alone",
        "tests/desk/test_own_block_list.py::test_a_list_that_cannot_be_read_whole_is_none",
        "tests/effects/test_source_block.py::test_a_plan_that_leaves_open_what_it_does_is_none",
    ),
    "A label is all that a mail gets by its sender's domain: it arrives whatever was found, and without a permit it is not shown.": (
        "tests/stories/test_mail_labels.py::test_who_the_domain_names_passes_and_who_it_does_not_name_fails_and_still_arrives",
        "tests/stories/test_mail_labels.py::test_a_signed_mail_is_labelled_so_and_a_forged_one_fails_and_still_arrives",
        "tests/stories/test_mail_labels.py::test_a_label_that_a_stranger_wrote_in_our_name_is_gone_and_ours_stands",
        "tests/stories/test_mail_labels.py::test_killed_mail_flows_without_a_label_and_the_next_process_labels_again",
        "tests/stories/test_mail_labels.py::test_withdrawn_no_mail_gets_a_label_within_two_seconds",
        "tests/desk/test_label_mail.py::test_withdrawn_nothing_is_shown_and_an_open_connection_gets_no_line",
    ),
    "A sender whose domain names its machines waits once, whichever of them tries again.": (
        "tests/stories/test_mail_labels.py::test_a_large_senders_other_machine_waits_no_longer_than_the_first",
        "tests/desk/test_looked.py::test_a_large_sender_comes_back_from_any_of_its_machines",
    ),
    "An account's mail is counted and never read.": (
        "tests/desk/test_answer_mail.py::test_nothing_but_account_and_number_of_recipients_is_looked_at",
        "tests/desk/test_answer_mail.py::test_no_name_is_on_the_disk_of_either_process",
    ),
    "The policy service fails open or closed as declared, and says so.": (
        "tests/effects/test_sender_limit.py::test_a_limit_that_does_not_say_what_happens_when_we_are_down_is_none",
        "tests/desk/test_answer_mail.py::test_a_disk_that_refuses_is_answered_as_declared_and_told",
        "tests/stories/test_mail_policy.py::test_a_killed_process_lets_mail_pass_as_declared_and_the_next_one_remembers",
        "tests/stories/test_mail_policy.py::test_where_a_plan_says_so_mail_waits_while_nobody_answers_and_postfix_says_why",
        "tests/desk/test_answer_mail.py::test_whether_the_mail_server_is_answered_is_seen_at_the_terminal",
    ),
    "The tests are at least as long as the code.": ("tests/house/test_tree.py::test_the_tests_are_at_least_as_long_as_the_code",),
    "Mutation tests on law and gate in CI: every survivor argued.": (
        "tests/gate/test_mutants.py::test_the_suite_kills_each_mutant",
        "tests/house/test_mutants.py::test_every_argument_stands_on_a_mutant_there_is",
        "tests/house/test_mutants.py::test_ci_tries_mutants_and_the_smallest_deciding_modules_whole",
    ),
    # The event network: a lively board without a scandal.
    "A non-consenting client's names are found nowhere: stream, journal, ledger and logs searched, with real address changes.": (
        "tests/stories/test_event_names_left_out.py::test_who_agreed_in_a_browser_is_told_of_once_there_is_a_permit_and_the_other_is_not",
        "tests/stories/test_event_names_left_out.py::test_addresses_change_hands_and_what_is_told_of_stays_with_the_device_that_agreed",
        "tests/stories/test_event_names_left_out.py::test_after_one_press_nothing_more_is_told_of",
        "tests/stories/test_event_names_left_out.py::test_with_a_killed_gateway_the_set_empties_by_itself_and_nobody_gets_in",
        "tests/stories/test_event_names_left_out.py::test_what_the_other_asked_for_is_found_nowhere_in_any_byte_that_anybody_wrote",
        "tests/stories/test_event_names_left_out.py::test_our_reader_takes_over_and_counts_who_agreed_and_nobody_else",
        "tests/stories/test_event_names_left_out.py::test_the_window_over_the_board_shows_after_its_delay_a_number_of_devices_and_no_device",
        "tests/stories/test_event_names_left_out.py::test_our_reader_killed_leaves_nothing_in_any_byte",
    ),
    "An event in a box: plain questions, then papers, texts, roles and retention that end with the event.": (
        "tests/faces/test_event_init.py::test_one_command_makes_everything_for_an_event",
        "tests/faces/test_event_init.py::test_at_a_terminal_plain_questions_are_asked_and_a_wrong_day_again",
        "tests/desk/test_event_box.py::test_the_plan_lacks_nothing_but_the_word_of_the_legal_officer",
        "tests/desk/test_event_box.py::test_everything_ends_with_the_last_day",
    ),
    "Counters come in as counters: interface, Wi-Fi, DHCP, resolver; nothing that names anybody is one.": (
        "tests/desk/test_event_reading.py::test_a_real_unbound_tells_how_many_asked_and_for_which_types_and_never_for_what",
        "tests/desk/test_event_reading.py::test_the_loopback_interface_tells_octets",
        "tests/wire/test_counters.py::test_kea_tells_how_many_addresses_are_assigned_in_all",
        "tests/wire/test_counters.py::test_a_wifi_file_with_anything_about_anybody_in_it_is_refused_whole",
        "tests/wire/test_counters.py::test_nothing_that_names_anybody_or_anything_looked_up_is_a_counter",
    ),
    "Attendees are asked one thing at a time, off by default; a no is as easy as a yes; one press takes it back.": (
        "tests/stories/test_event_portal.py::test_a_real_browser_without_scripts_is_led_there_reads_the_words_that_are_recorded_and_agrees",
        "tests/stories/test_event_portal.py::test_a_no_opens_the_network_with_one_press_and_as_fast_as_a_yes",
        "tests/stories/test_event_portal.py::test_one_press_takes_it_back_and_the_network_stays_open",
        "tests/faces/test_portal_browser.py::test_the_no_is_as_big_as_the_yes_stands_beside_it_and_comes_first",
        "tests/desk/test_portal.py::test_what_was_done_names_the_permit_and_nobody",
    ),
    "One button stops the whole board within a second.": (
        "tests/desk/test_event_board.py::test_one_signature_of_anybody_of_the_staff_takes_everything_off",
        "tests/faces/web/test_board.py::test_a_stop_is_seen_within_a_second",
    ),
    "A thousand viewers of 5,000 devices each second: one question to `keep` whoever looks, and the bench names the 95th.": (
        "tests/faces/web/test_board.py::test_a_venue_without_number_costs_keep_one_question_a_second_and_turns_nobody_away",
        "tests/faces/web/test_board.py::test_what_was_drawn_is_handed_out_as_it_lies_until_there_is_something_new",
        "tests/bench/test_board.py::test_only_seconds_that_reached_everybody_count",
        "tests/bench/test_board.py::test_the_slower_of_both_ways_to_look_is_held_against_the_aim",
    ),
    "An event is rehearsed: what would be shown, what it costs, what somebody who knows the others could infer.": (
        "tests/desk/test_rehearse.py::test_names_appear_each_hour_where_a_thousand_consent",
        "tests/desk/test_rehearse.py::test_with_two_hundred_names_appear_about_once_a_day",
        "tests/desk/test_rehearse.py::test_who_knows_everybody_else_is_sure_of_exact_counts_and_guesses_at_the_board",
    ),
    "A device that asks for an address is told of the portal by a real DHCP server (RFC 8910).": (
        "tests/stories/test_event_dhcp.py::test_kea_takes_the_lines_as_they_are_printed",
        "tests/stories/test_event_dhcp.py::test_a_device_that_asks_for_an_address_is_told_of_the_portal",
    ),
    "Who did not consent is never told of by the resolver, whatever address they take.": (
        "tests/effects/test_client_set_live.py::test_who_is_not_in_it_is_told_of_in_no_way_they_can_ask",
        "tests/effects/test_client_set_live.py::test_a_conversation_that_began_while_it_agreed_ends_with_its_agreement",
        "tests/desk/test_client_set_held.py::test_an_address_that_another_device_took_is_out_at_once_and_stays_out_while_there_is_doubt",
        "tests/desk/test_client_set_held.py::test_with_nobody_to_renew_it_the_set_is_empty_within_its_seconds",
    ),
    "The boards of 2023 are refused with the reasons; the lawful board is permitted.": (
        "tests/desk/test_event_refusals.py::test_a_board_of_2023_is_refused_on_its_day_and_today_with_every_reason",
        "tests/desk/test_event_refusals.py::test_a_board_of_2023_proposed_at_the_console_gets_no_permit_whoever_signs",
        "tests/desk/test_event_refusals.py::test_the_lawful_board_stands_after_two_named_people_reviewed_it",
    ),
    "No live permit, no panel; a changed panel is a new panel.": (
        "tests/desk/test_event_board.py::test_before_any_permit_there_is_no_panel_and_each_says_so",
        "tests/desk/test_event_board.py::test_a_withdrawn_permit_takes_its_panels_off_at_once_and_says_stopped",
        "tests/desk/test_event_board.py::test_a_panel_that_was_changed_is_another_panel",
    ),
    "The board shows who answers for it, and never a reviewer's or volunteer's name.": (
        "tests/desk/test_event_board.py::test_the_board_names_the_body_and_its_window_and_no_reviewer",
        "tests/faces/web/test_board.py::test_every_panel_shows_its_permit_and_the_foot_who_answers",
    ),
    "Anybody freezes a panel without an account until a named person decides.": (
        "tests/desk/test_event_board.py::test_one_objection_by_anybody_takes_the_panel_off_at_once",
        "tests/desk/test_event_board.py::test_after_half_an_hour_the_board_says_that_nobody_decided",
        "tests/desk/test_event_board.py::test_a_panel_kept_off_stays_off_until_it_has_a_new_permit",
    ),
    "Warnings from anybody, without an account, must be answered.": (
        "tests/desk/test_event_warnings.py::test_a_warning_by_anybody_stops_nothing",
        "tests/desk/test_event_warnings.py::test_it_stands_on_the_overview_until_somebody_answers_and_the_answer_is_on_its_receipt",
        "tests/desk/test_event_warnings.py::test_after_four_hours_it_stands_there_as_late",
    ),
    "An objection freezes its panel until a named person decides, against a clock of minutes.": (
        "tests/desk/test_event_warnings.py::test_an_objection_counts_its_minutes_down_and_stands_out_when_they_are_over",
        "tests/faces/web/test_board.py::test_an_objected_panel_says_how_it_stands",
    ),
    "After the event its keys are destroyed, shown unreadable in every copy, and what was collected, shown and deleted is reported.": (
        "tests/desk/test_event_end.py::test_one_signature_ends_permits_consents_and_keys",
        "tests/desk/test_event_end.py::test_records_and_vault_from_before_bring_nothing_back",
        "tests/desk/test_event_end.py::test_every_copy_is_searched_and_a_forgotten_key_file_is_found",
        "tests/desk/test_event_end.py::test_the_report_counts_by_kind_and_day",
        "tests/faces/test_commands.py::test_the_command_ends_searches_and_reports",
    ),
    "No page of the board asks another host.": (
        "tests/faces/web/test_board_browser.py::test_axe_finds_nothing_and_no_other_host_is_asked",
        "tests/faces/web/test_board.py::test_its_sheet_and_script_ask_no_other_host",
    ),
    "Who is held at the sending limit is told, and can be let go: stop, owner told, restore path.": (
        "tests/desk/test_held_accounts.py::test_the_owner_is_told_once_why_until_when_and_what_to_do",
        "tests/desk/test_held_accounts.py::test_the_number_that_is_read_out_lets_that_account_send_again_and_no_other",
        "tests/desk/test_held_accounts.py::test_a_killed_process_tells_what_it_had_not_told_and_lifts_nothing_twice",
    ),
    "What law.md refuses is refused with its reasons in the console when someone tries.": (
        "tests/stories/test_what_the_law_refuses.py::test_the_console_refuses_it_and_shows_the_case_that_says_why",
        "tests/stories/test_what_the_law_refuses.py::test_no_confirmation_of_the_officer_turns_it_into_a_yes",
        "tests/stories/test_what_the_law_refuses.py::test_whoever_answers_the_questions_is_refused_with_what_is_missing_and_who_could_supply_it",
    ),
    # Entrusted people: messages that cannot leak (D1.2):
    "A contractor can run a campaign without ever holding an address.": (
        "tests/stories/test_a_contractor_sends_without_an_address.py::test_a_campaign_of_a_contractor_from_its_first_word_to_its_totals",
        "tests/stories/test_a_contractor_sends_without_an_address.py::test_the_contractors_person_can_approve_nothing",
        "tests/desk/test_contractors.py::test_no_answer_to_a_contractor_holds_anything_of_a_person",
        "tests/desk/test_submission.py::test_any_address_that_is_no_alias_is_refused_and_named_what_to_write",
    ),
    "Masked two-way talk: aliases both ways, quotes stripped; neither's address in any byte; either ends it; killed, nothing goes twice.": (
        "tests/stories/test_two_people_talk.py::test_they_write_to_each_other_and_neither_learns_where_the_other_is",
        "tests/stories/test_two_people_talk.py::test_what_gives_somebody_away_is_held_and_goes_on_only_without_it",
        "tests/stories/test_two_people_talk.py::test_a_bounce_and_an_away_note_go_to_nobody",
        "tests/stories/test_two_people_talk.py::test_one_press_of_the_button_that_a_mail_leads_to_ends_it",
        "tests/stories/test_two_people_talk.py::test_killed_in_the_middle_nothing_goes_twice_and_nothing_is_lost",
        "tests/desk/test_masked_mail.py::test_no_byte_of_what_leaves_holds_the_writers_address",
    ),
    "Inbound replies go to a desk and are never re-sent.": (
        "tests/desk/test_replies.py::test_a_reply_is_tied_to_the_mail_it_answers_and_opened_by_the_desk_with_an_entry",
        "tests/desk/test_replies.py::test_a_reply_goes_to_nobody",
        "tests/desk/test_replies.py::test_only_the_desk_reads_and_settles",
    ),
    "A contractor's token opens nothing once its row is not in force.": (
        "tests/desk/test_contractors.py::test_a_token_opens_nothing_once_its_row_is_not_in_force_or_it_was_shut",
        "tests/desk/test_submission.py::test_a_row_that_ends_while_somebody_is_signed_in_ends_it_there",
    ),
    # Incidents handled in hours (D1.8, D1.9, D0.5):
    "An incident cannot close with an unanswered question or a cause that is a person.": (
        "tests/desk/test_incidents.py::test_an_incident_cannot_close_with_an_unanswered_question",
        "tests/desk/test_incidents.py::test_an_incident_cannot_close_with_a_cause_that_is_a_person",
        "tests/law/test_incident.py::test_whatever_causes_are_recorded_none_that_ends_is_a_person",
    ),
    "Both authorities' items print from one record; clocks run from the day it was known.": (
        "tests/desk/test_incidents.py::test_both_authorities_reports_are_written_from_one_record",
        "tests/desk/test_incidents.py::test_every_clock_runs_from_the_day_it_was_known_whenever_it_was_entered",
        "tests/stories/test_incident_drill.py::test_both_authorities_get_the_items_of_one_record_and_the_persons_a_letter",
    ),
    "A drill from complaint to public statement runs on the clock.": (
        "tests/stories/test_incident_drill.py::test_the_first_statement_is_out_within_the_hour_and_another_than_its_writer_published_it",
    ),
    # The names of an event, with noise:
    "The traps of noisy releases are tests.": (
        "tests/store/test_release.py::test_only_what_is_strictly_above_the_threshold_leaves",
        "tests/store/test_release.py::test_for_any_loss_there_is_noise_that_costs_no_more",
        "tests/store/test_release.py::test_a_device_counts_once_for_a_name_and_for_so_many_names_at_most",
        "tests/store/test_release.py::test_what_the_library_does_wrong_is_not_asked_of_it",
        "tests/store/test_release.py::test_the_release_of_the_library_that_was_looked_at_is_the_one_installed",
        "tests/store/test_release.py::test_nothing_is_released_beyond_the_budget",
    ),
    "The accountant refuses the release that would exceed the budget, over restarts too.": (
        "tests/desk/test_releases.py::test_a_release_is_in_the_ledger_before_any_noise_and_the_next_that_exceeds_is_refused_over_restarts",
        "tests/desk/test_releases.py::test_a_release_of_which_only_the_ledger_is_left_costs_the_whole_day",
        "tests/desk/test_releases.py::test_faster_than_its_window_nothing_is_released_whatever_tap_says",
    ),
    "Names reach the board only from devices that agreed, and a withdrawal takes a device off the next window.": (
        "tests/desk/test_releases.py::test_who_did_not_agree_is_counted_nowhere",
        "tests/desk/test_releases.py::test_a_device_that_takes_it_back_is_out_of_the_window_under_way",
        "tests/desk/test_releases.py::test_consent_to_names_lets_no_kind_be_counted",
        "tests/desk/test_releases.py::test_without_a_permit_nothing_may_be_counted_and_no_panel_stands_there",
        "tests/desk/test_releases.py::test_no_name_that_was_counted_stands_in_anything_that_was_kept",
        "tests/faces/test_tap.py::test_it_listens_only_under_a_permit_and_killed_it_leaves_no_name_anywhere",
    ),
    "A panel of names shows its permit, its price and the number of consents.": (
        "tests/faces/web/test_board_names.py::test_a_panel_of_names_shows_its_numbers_permit_price_consents_and_list",
        "tests/faces/web/test_board_names.py::test_without_a_live_permit_no_number_stands_there",
    ),
    "A measure's page shows its effect as a plot: before, while and after its permits lived.": (
        "tests/stories/test_effect_pages.py::test_means_stand_before_while_and_after_its_permits_lived_each_with_its_days",
        "tests/stories/test_effect_pages.py::test_each_bad_line_is_named_and_the_rest_is_read",
        "tests/faces/web/test_effect_page.py::test_plots_and_tables_say_the_same_in_both_languages",
    ),
}


@cache
def declared_in(path: str) -> frozenset[str]:
    """The test functions of a file, methods as `Class::test`."""
    found = set()
    for node in ast.parse((ROOT / path).read_text("utf-8")).body:
        if isinstance(node, ast.ClassDef):
            found |= {f"{node.name}::{inner.name}" for inner in node.body if isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef)}
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            found.add(node.name)
        elif isinstance(node, ast.Assign):  # state machines of hypothesis: TestX = Machine.TestCase
            found |= {target.id for target in node.targets if isinstance(target, ast.Name) and target.id.startswith("Test")}
    return frozenset(found)


def test_every_promise_has_tests_that_exist() -> None:
    unshown = [promise for promise, nodes in PROMISES.items() if not nodes]
    assert not unshown
    for node in (node for nodes in PROMISES.values() for node in nodes):
        path, _, name = node.partition("::")
        assert (ROOT / path).is_file(), node
        assert name in declared_in(path), node
