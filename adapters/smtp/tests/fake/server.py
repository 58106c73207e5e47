"""An SMTP server that keeps letters in files: over TLS, over STARTTLS, and plain. Prints its ports and serves."""

import asyncio
import ssl
import sys
from pathlib import Path

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

folder = Path(sys.argv[1])
mailbox = folder / "mailbox"
mailbox.mkdir(exist_ok=True)


class Handler:
    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.endswith("@refused.example"):
            return "550 no such mailbox"
        if address.endswith("@busy.example"):
            return "451 try again later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        protected = server.transport.get_extra_info("sslcontext") is not None
        who = session.auth_data.login.decode() if session.auth_data else "-"
        text = f"X-Protected: {'yes' if protected else 'no'}\nX-Signed-In: {who}\n"
        text += envelope.content.decode("utf-8", "replace")
        for address in envelope.rcpt_tos:
            (mailbox / address).write_text(text)
        return "250 kept"


def authenticate(server, session, envelope, mechanism, data):
    right = isinstance(data, LoginPassword) and data.login == b"office" and data.password == b"right-password"
    return AuthResult(success=right, handled=False, auth_data=data)


context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
context.load_cert_chain(folder / "server.pem", folder / "server.key")


signed = {"authenticator": authenticate, "auth_required": True}


async def main():
    loop = asyncio.get_running_loop()

    async def serve(name, encryption=None, **options):
        made = lambda: SMTP(Handler(), hostname="localhost", loop=loop, **options)
        server = await loop.create_server(made, host="127.0.0.1", port=0, ssl=encryption)
        print(f"{name}={server.sockets[0].getsockname()[1]}", flush=True)

    await serve("TLS_PORT", context, auth_require_tls=False, **signed)
    await serve("STARTTLS_PORT", tls_context=context, require_starttls=True, auth_require_tls=True, **signed)
    await serve("PLAIN_PORT")
    print("ready", flush=True)
    await asyncio.Event().wait()


asyncio.run(main())
