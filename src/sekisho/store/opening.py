"""Decrypting a look's segments. Apart from `kms`, so that a collector never loads what reads."""

from __future__ import annotations

import pyarrow.dataset as ds
import pyarrow.parquet.encryption as pe

from sekisho.store.kms import GateKms
from sekisho.store.seal import Release


class Opening:
    """Decryption for one look. `format` is what a dataset of sealed segments is made with; after `close` nothing opens."""

    def __init__(self, release: Release) -> None:
        self._client = GateKms(release=release)
        self._factory = pe.CryptoFactory(lambda _config: self._client)
        config = ds.ParquetDecryptionConfig(
            self._factory,
            pe.KmsConnectionConfig(),
            pe.DecryptionConfiguration(),  # type: ignore[arg-type]  # the stubs name the wrong class
        )
        self.format = ds.ParquetFileFormat(default_fragment_scan_options=ds.ParquetFragmentScanOptions(decryption_config=config))

    def hold(self, key_id: str, wrapped: bytes) -> None:
        """Ask for a class key of a file now, before the scan. Raises what `release` raises."""
        self._client.hold(key_id, wrapped)

    def scan(self) -> None:
        """All keys are here: from now on a scan asks nobody."""
        self._client.scan()

    def close(self) -> None:
        self._client.close()
        self._factory.remove_cache_entries_for_all_tokens()
