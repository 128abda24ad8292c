"""Vendors' datagrams against the events that another decoder's own tests expect of them, field by field."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest

from sekisho.wire.flows import FlowDecoder, normalise

ROOT = Path(__file__).resolve().parents[3] / "shared" / "data" / "flow" / "logstash-codec-netflow"
CONTEXTS: list[dict[str, Any]] = json.loads((ROOT / "expected.json").read_text("utf-8")) if ROOT.is_dir() else []
EXPORTER = ("192.0.2.1", 2055)

NAMES = {
    "ipv4_src_addr": "sourceIPv4Address", "ipv4_dst_addr": "destinationIPv4Address", "ipv4_next_hop": "ipNextHopIPv4Address",
    "input_snmp": "ingressInterface", "output_snmp": "egressInterface", "in_pkts": "packetDeltaCount", "in_bytes": "octetDeltaCount",
    "out_pkts": "postPacketDeltaCount", "out_bytes": "postOctetDeltaCount", "l4_src_port": "sourceTransportPort",
    "l4_dst_port": "destinationTransportPort", "tcp_flags": "tcpControlBits", "protocol": "protocolIdentifier",
    "src_tos": "ipClassOfService", "src_as": "bgpSourceAsNumber", "dst_as": "bgpDestinationAsNumber",
    "src_mask": "sourceIPv4PrefixLength", "dst_mask": "destinationIPv4PrefixLength", "in_src_mac": "sourceMacAddress",
    "in_dst_mac": "destinationMacAddress", "out_src_mac": "postSourceMacAddress", "out_dst_mac": "postDestinationMacAddress",
    "conn_id": "flowId", "icmp_type": "icmpTypeIPv4", "icmp_code": "icmpCodeIPv4", "event_time_msec": "observationTimeMilliseconds",
    "in_permanent_bytes": "octetTotalCount", "flow_start_msec": "flowStartMilliseconds", "direction": "flowDirection",
    "src_traffic_index": "srcTrafficIndex", "dst_traffic_index": "dstTrafficIndex", "ip_protocol_version": "ipVersion",
    "forwarding_status": "forwardingStatus", "application_id": "applicationId", "flow_end_reason": "flowEndReason",
    "mpls_label_stack_octets": "mplsTopLabelStackSection", "flows": "deltaFlowCount", "src_vlan": "vlanId", "dst_vlan": "postVlanId",
    "scope_system": "scopeSystem", "total_bytes_exp": "exportedOctetTotalCount", "total_pkts_exp": "exportedMessageTotalCount",
    "total_flows_exp": "exportedFlowRecordTotalCount", "flow_active_timeout": "flowActiveTimeout",
    "flow_inactive_timeout": "flowIdleTimeout", "bgp_ipv4_next_hop": "bgpNextHopIPv4Address", "flow_sampler_id": "samplerId",
    "ipv4_src_prefix": "sourceIPv4Prefix", "tcp_src_port": "tcpSourcePort", "udp_dst_port": "udpDestinationPort",
    "ip_dscp": "ipDiffServCodePoint", "ipv4_ident": "fragmentIdentification", "engine_id": "engineId",
    "sampling_interval": "samplingInterval", "sampling_algorithm": "samplingAlgorithm", "flowset_id": "template",
    # vendors' own numbers, kept as bytes under their number
    "username": "field_40000", "xlate_src_addr_ipv4": "field_40001", "xlate_dst_addr_ipv4": "field_40002", "xlate_src_port": "field_40003",
    "xlate_dst_port": "field_40004", "fw_event": "field_40005", "fw_ext_event": "field_33002", "ingress_acl_id": "field_33000",
    "egress_acl_id": "field_33001", "app_id": "field_56701", "user_id": "field_56702", "viptelaVPNId": "enterprise_41916_4321",
    "proceraBaseService": "enterprise_15397_1", "proceraService": "enterprise_15397_2", "proceraIncomingOctets": "enterprise_15397_3",
    "proceraOutgoingOctets": "enterprise_15397_4", "proceraFlowBehavior": "enterprise_15397_15",
    "proceraTemplateName": "enterprise_15397_47", "vmwareUnknown888": "enterprise_6876_888", "vmwareUnknown889": "enterprise_6876_889",
    "vmwareUnknown890": "enterprise_6876_890", "vmwareIngressInterfaceAttr": "enterprise_6876_890",
    "vmwareEgressInterfaceAttr": "enterprise_6876_888", "vmwareVxlanExportRole": "enterprise_6876_889",
    "silkAppLabel": "enterprise_6871_33", "flowAttributes": "enterprise_6871_40", "reverseFlowAttributes": "enterprise_6871_16424",
    "reverseFlowDeltaMilliseconds": "enterprise_6871_21", "initialTCPFlags": "enterprise_6871_14",
    "reverseInitialTCPFlags": "enterprise_6871_16398", "unionTCPFlags": "enterprise_6871_15",
    "reverseUnionTCPFlags": "enterprise_6871_16399", "expiredFragmentCount": "enterprise_6871_100",
    "assembledFragmentCount": "enterprise_6871_101", "meanFlowRate": "enterprise_6871_102", "meanPacketRate": "enterprise_6871_103",
    "flowTableFlushEventCount": "enterprise_6871_104", "flowTablePeakCount": "enterprise_6871_105",
    "netscalerConnectionId": "enterprise_5951_133", "netscalerFlowFlags": "enterprise_5951_132",
    "netscalerAppUnitNameAppId": "enterprise_5951_171", "netscalerHttpReqXForwardedFor": "enterprise_5951_190",
}  # fmt: skip
ELSE = {  # other vendors send the same under another number
    "icmp_type": "icmpTypeCodeIPv4", "fw_event": "firewallEvent", "xlate_src_addr_ipv4": "postNATSourceIPv4Address",
    "xlate_dst_addr_ipv4": "postNATDestinationIPv4Address", "xlate_src_port": "postNAPTSourceTransportPort",
    "xlate_dst_port": "postNAPTDestinationTransportPort",
}  # fmt: skip
HEADER = {"version", "flow_seq_num", "engine_type", "flow_records"}  # of the datagram, not of its records
SECOND, WRAP = timedelta(seconds=1), timedelta(milliseconds=1 << 32)
UPTIME = {"first_switched": "start", "last_switched": "end"}


def decoded(context: dict[str, Any]) -> list[dict[str, Any]]:
    """All records of a context's files, each with its normalised times beside its fields."""
    decoder = FlowDecoder()
    for name in context["data"]:
        decoder.feed(EXPORTER, (ROOT / name).read_bytes(), 1_480_000_000_000)
    rows: list[dict[str, Any]] = []
    for batch in decoder.take():
        times = normalise(batch, frozenset({"start", "end"})).to_pylist() or [{}] * len(batch)
        rows.extend(row | extra for row, extra in zip(batch.table().to_pylist(), times, strict=True))
    return rows


def spellings(value: Any, expected: Any) -> list[Any]:
    """The ways the other decoder could write our value, given the kind of thing it wrote."""
    if isinstance(value, datetime):
        ms = value.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return [ms, int(value.timestamp() * 1000 + 0.5), ms.split(".")[0] + ".000Z"]
    if isinstance(expected, dict):
        number = value if isinstance(value, int) else int.from_bytes(value)
        return [{"status": number >> 6, "reason": number & 63}]
    if isinstance(value, bytes):
        groups = "-".join(value[i : i + 4].hex() for i in range(0, len(value), 4))
        texts = [value.hex(":"), groups, value.rstrip(b"\0").decode("latin-1"), repr(value.decode("latin-1"))]
        texts += [str(ip_address(value))] if len(value) in (4, 16) else []
        app = f"{value[0]}..{int.from_bytes(value[1:])}" if value else ""
        pen = f"{value[0]}..{int.from_bytes(value[1:5])}..{int.from_bytes(value[5:])}" if len(value) > 5 else ""
        return [*texts, app, pen, int.from_bytes(value)]
    return [value]


def agrees(row: dict[str, Any], name: str, expected: Any) -> bool:
    """Whether our row says what the other decoder says, for one of its field names."""
    if name in UPTIME:
        told = datetime.fromisoformat(expected)
        # the other decoder is a second late (so that flows end after their export) and forgets that uptime wraps
        return row.get(UPTIME[name]) in {told - late - wrap for late in (SECOND, 0 * SECOND) for wrap in (WRAP, 0 * WRAP)}
    return ours(name, row) in row and expected in spellings(row[ours(name, row)], expected)


def ours(name: str, row: dict[str, Any]) -> str:
    """Our column for the other decoder's name of a field."""
    found = NAMES.get(name, name)
    return found if found in row else ELSE.get(name, found)


def comparable(name: str, row: dict[str, Any]) -> bool:
    """Whether both decoders have the field. MPLS labels are left out: theirs are shifted by four bits."""
    return name not in HEADER and name != "mpls_label_stack_octets" and (name in UPTIME or ours(name, row) in row)


@pytest.mark.parametrize("context", CONTEXTS, ids=lambda c: c["context"])
def test_every_vendor_context_gives_its_number_of_records(context: dict[str, Any], shared_data: Path) -> None:
    """As many records as the other decoder's own test demands; the context whose record count lies is refused whole."""
    rows = decoded(context)
    if context["expected_event_count"] is not None:
        assert len(rows) == context["expected_event_count"]
    if context["context"] == "Netflow 5 invalid 02":
        assert rows == []


@pytest.mark.parametrize("context", [c for c in CONTEXTS if c["events"] and "netflow" in c["events"][0]], ids=lambda c: c["context"])
def test_every_expected_event_is_among_the_records_field_by_field(context: dict[str, Any], shared_data: Path) -> None:
    """For each complete event there is a record that agrees on every field both decoders know, and those are nearly all."""
    rows = decoded(context)
    compared = left = 0
    for event in context["events"]:
        fields = {k: v for k, v in event["netflow"].items() if k not in HEADER}
        best = min(rows, key=lambda row: sum(not agrees(row, k, v) for k, v in fields.items()))
        wrong = {k: (v, best.get(ours(k, best))) for k, v in fields.items() if comparable(k, best) and not agrees(best, k, v)}
        assert wrong == {}
        compared += sum(comparable(k, best) for k in fields)
        left += sum(not comparable(k, best) for k in fields)
    assert left * 2 <= compared, f"{left} fields have no counterpart, {compared} were compared"


@pytest.mark.parametrize("context", [c for c in CONTEXTS if c["asserts"]], ids=lambda c: c["context"])
def test_every_single_assertion_holds_in_some_record(context: dict[str, Any], shared_data: Path) -> None:
    """Each asserted value is in the records under its field."""
    rows = decoded(context)
    for _, path, expected in context["asserts"]:
        name = path[1]
        if name in HEADER or (name == "flowEndMicroseconds" and "#" in expected) or not any(comparable(name, r) for r in rows):
            continue
        value = expected.strip("'") if isinstance(expected, str) else expected
        want = {path[2]: value} if len(path) > 2 else value
        if isinstance(want, dict):
            continue  # sub-fields of three vendors' bytes; the whole is compared above
        assert any(agrees(row, name, want) for row in rows), (name, expected)
