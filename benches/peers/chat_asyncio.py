"""The line chat with asyncio protocols, or the same under uvloop: what a wake-up has brought goes to each member in one
write.

    chat_asyncio.py [--uvloop]
"""

import asyncio
import sys
import time

MEMBERS = {}


class Member(asyncio.Protocol):
    def __init__(self):
        self.partial = b""

    def connection_made(self, transport):
        self.transport = transport
        self.peer = "{}:{}\n".format(*transport.get_extra_info("peername")).encode()
        MEMBERS[self] = transport

    def connection_lost(self, _error):
        MEMBERS.pop(self, None)

    def data_received(self, data):
        *lines, self.partial = (self.partial + data).split(b"\n")
        head = time.strftime("%Y/%m/%d %H:%M:%S ").encode() + self.peer
        batch = b"".join([head + line.rstrip(b"\r") + b"\n" for line in lines if line])
        if batch:
            for transport in MEMBERS.values():
                transport.write(batch)


async def main():
    server = await asyncio.get_running_loop().create_server(Member, "127.0.0.1", 0, backlog=1024)
    print("listening on {}:{}".format(*server.sockets[0].getsockname()), flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    if "--uvloop" in sys.argv:
        import uvloop

        uvloop.run(main())
    else:
        asyncio.run(main())
