"""TLS as a client: certificate and name of the other side are verified, always."""

import ssl


def verifying(*, ca_file: str, client_file: str = "") -> ssl.SSLContext:
    """A context that trusts a file of authorities, or those this machine trusts.

    Args:
        ca_file: PEM; empty for the machine's own.
        client_file: certificate and key to be shown to the other side, PEM; empty for none.
    """
    context = ssl.create_default_context(cafile=ca_file or None)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if client_file:
        context.load_cert_chain(client_file)
    return context
