"""What the terminal says of signed letters. Japanese and English."""

from __future__ import annotations

from collections.abc import Mapping

LETTERS: Mapping[str, tuple[str, str]] = {
    "letter-signed-by": ("電子署名", "signed by"),
    "issued-by": ("発行者", "issued by"),
    "letter-unsigned": (
        "この PDF に電子署名はありません。言葉は、紙面に印字した監査台帳の項とダイジェストで確かめられます。台帳",
        "This PDF bears no electronic signature. Its words are proved by the ledger entry and the digest printed on it: entry",
    ),
    "letter-not-signed": ("この PDF に電子署名はありません", "This PDF bears no electronic signature"),
    "letter-whole": (
        "署名はファイル全体に及び、その後1バイトも変わっていません",
        "the signature covers the whole file, and no byte of it changed since",
    ),
    "letter-changed": (
        "署名の後に変わったか、署名が及ばない部分があります",
        "it was changed after it was signed, or something is not covered",
    ),
    "signer-known": ("署名者の証明書は、示された認証局のものです", "the signer's certificate leads to one you trust"),
    "signer-unknown": ("署名者の証明書は、示された認証局のものではありません", "the signer's certificate does not lead to one you trust"),
    "signer-unasked": (
        "署名者が名乗るとおりの人かは確かめていません（--trust で認証局の証明書を示してください）",
        "whether the signer is who it says was not checked (name the issuer's certificate with --trust)",
    ),
    "letter-same": ("この手紙の PDF と同じです", "It is this letter's PDF, byte for byte"),
    "letter-another": ("この手紙の PDF と違います", "It is not this letter's PDF"),
}
LETTER_REFUSALS: Mapping[str, tuple[str, str]] = {
    "not-a-signing-key": (
        "手紙に署名する鍵を読めません。設定の letters.key（PKCS#12）と letters.passphrase を確かめてください",
        "The key that signs letters cannot be read: look at letters.key (PKCS#12) and letters.passphrase in the settings",
    ),
    "certificate-not-valid": (
        "手紙に署名する鍵の証明書が有効期間にありません。--unsigned を付ければ署名せずに書き出せます",
        "The certificate of the key that signs letters is not valid today; --unsigned writes the letter without a signature",
    ),
    "not-a-pdf": ("PDF として読めません", "This cannot be read as a PDF"),
}
