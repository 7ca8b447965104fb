"""Makes the certificate with which sites are served over https: one for each run, which only its browsers trust."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

import trustme
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509 import load_pem_x509_certificate

NAMES = ("localhost", "*.localhost", "shop.localhost", "*.test", "shop.test", "127.0.0.1")


class Certificate:
    """``file`` holds key and chain as PEM, ``spki`` the hash of the leaf's public key: base64 of SHA-256 (RFC 7469)."""

    def __init__(self, folder: Path) -> None:
        issued = trustme.CA().issue_cert(*NAMES)
        self.file = folder / "certificate.pem"
        self.file.touch(mode=0o600)
        issued.private_key_and_cert_chain_pem.write_to_path(self.file)
        leaf = load_pem_x509_certificate(issued.cert_chain_pems[0].bytes())
        key = leaf.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        self.spki = base64.b64encode(hashlib.sha256(key).digest()).decode()
