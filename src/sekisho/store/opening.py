"""Decrypting a look's segments. Apart from `kms`, so that a collector never loads what reads."""

from __future__ import annotations

import pyarrow.dataset as ds
import pyarrow.parquet.encryption as pe

from sekisho.store.kms import GateKms, Held
from sekisho.store.seal import Release


class Opening:
    """Decryption for one look. `format` is what a dataset of sealed segments is made with; its keys live as long as it and its scans."""

    def __init__(self, release: Release) -> None:
        held = Held()
        self._client = client = GateKms(release=release, held=held)
        factory = pe.CryptoFactory(lambda _config: (client, held)[0])  # the factory keeps `held` alive, and so does every scan with it
        config = ds.ParquetDecryptionConfig(
            factory,
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
        """Ask nobody any more.

        What is held goes when this object is dropped and the last scan's read-ahead has ended: taken away under it, it would make
        Arrow abort the process.
        """
        self._client.end()
