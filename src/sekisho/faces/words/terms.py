"""The labels of our terms for consent records, Japanese and English: grounds, elements of a communication, acts."""

from __future__ import annotations

from collections.abc import Mapping

from sekisho.law.words import Words

TERMS: Mapping[str, Words] = {
    "sekisho:G1": {"ja": "個別具体的・明確な同意", "en": "individual, specific and clear consent"},
    "sekisho:G2": {"ja": "約款等による事前の包括同意", "en": "prior blanket consent by terms"},
    "sekisho:G2-5": {"ja": "初期設定オンの五条件", "en": "the five conditions of a default-on setting"},
    "sekisho:G3": {"ja": "正当業務行為", "en": "act in the course of lawful business"},
    "sekisho:G4": {"ja": "正当防衛", "en": "self-defence"},
    "sekisho:G5": {"ja": "緊急避難", "en": "necessity"},
    "sekisho:G6": {"ja": "法令・令状", "en": "statute or warrant"},
    "sekisho:element-content": {"ja": "通信の内容", "en": "content of a communication"},
    "sekisho:element-party": {"ja": "通信の当事者", "en": "party to a communication"},
    "sekisho:element-counterpart": {"ja": "通信の相手方", "en": "counterpart of a communication"},
    "sekisho:element-datetime": {"ja": "通信の日時", "en": "date and time of a communication"},
    "sekisho:element-place": {"ja": "発信場所", "en": "place of sending"},
    "sekisho:element-count": {"ja": "個数・通信量", "en": "count or volume"},
    "sekisho:element-existence": {"ja": "通信の存否", "en": "whether a communication took place"},
    "sekisho:element-header": {"ja": "ヘッダ、ポート、データ長", "en": "header, port or length"},
    "sekisho:element-inferable": {"ja": "以上を推知させる事項", "en": "what lets the others be inferred"},
    "sekisho:act-learn": {"ja": "知得", "en": "learn"},
    "sekisho:act-use": {"ja": "窃用", "en": "use"},
    "sekisho:act-disclose": {"ja": "漏えい", "en": "disclose"},
    "sekisho:act-collect": {"ja": "取得", "en": "collect"},
    "sekisho:act-entrust": {"ja": "委託", "en": "entrust"},
    "sekisho:act-provide": {"ja": "第三者提供", "en": "provide to a third party"},
}
"""A term of `law.dpv`, and how it reads."""
