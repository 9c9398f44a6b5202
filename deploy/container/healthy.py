"""Exit 0 if the registry in this container answers /livez: the image has no other HTTP client."""

import http.client
import os
import sys
from urllib.parse import urlsplit

port = int(os.environ.get("ISA_PORT") or "8000")
# The service refuses names that are not its own, so the question carries one that is.
allowed = os.environ.get("ISA_ALLOWED_HOSTS", "").split(",")[0].strip()
host = allowed or urlsplit(os.environ.get("ISA_PUBLIC_URL", "")).netloc or f"127.0.0.1:{port}"
try:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=3)
    connection.request("GET", "/livez", headers={"Host": host})
    sys.exit(connection.getresponse().status != http.client.OK)
except (OSError, http.client.HTTPException):
    sys.exit(1)
