"""ComfyUI's documented flow with the standard library alone: connect /ws, POST /prompt, wait for `executing` with node null,
GET /history/{id}, GET /view. Usage: documented_flow.py HOST:PORT PROMPT_FILE. Prints one JSON object."""
import base64
import hashlib
import json
import os
import socket
import struct
import sys
import urllib.parse
import urllib.request
import uuid

address, prompt_file = sys.argv[1], sys.argv[2]
client_id = str(uuid.uuid4())


class WebSocket:
    """Just enough of RFC 6455 for a client that listens."""

    def __init__(self, address, path):
        host, port = address.split(":")
        self.stream = socket.create_connection((host, int(port)), timeout=30)
        key = base64.b64encode(os.urandom(16)).decode()
        self.stream.sendall(
            (
                f"GET {path} HTTP/1.1\r\nHost: {address}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\nOrigin: http://{address}\r\n\r\n"
            ).encode()
        )
        self.rest = b""
        while b"\r\n\r\n" not in self.rest:
            self.rest += self.stream.recv(4096)
        head, self.rest = self.rest.split(b"\r\n\r\n", 1)
        accept = base64.b64encode(hashlib.sha1((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest())
        assert head.startswith(b"HTTP/1.1 101 "), head
        assert accept in head, head

    def read(self, count):
        while len(self.rest) < count:
            more = self.stream.recv(65536)
            assert more, "the socket closed"
            self.rest += more
        found, self.rest = self.rest[:count], self.rest[count:]
        return found

    def message(self):
        """The next whole message: its kind (1 text, 2 binary) and its bytes."""
        kind, data = 0, b""
        while True:
            first, second = self.read(2)
            length = second & 127
            if length == 126:
                (length,) = struct.unpack("!H", self.read(2))
            elif length == 127:
                (length,) = struct.unpack("!Q", self.read(8))
            payload = self.read(length)
            opcode = first & 15
            if opcode in (9, 10):
                continue
            assert opcode != 8, "the server closed the socket"
            kind = opcode or kind
            data += payload
            if first & 128:
                return kind, data


def get(path):
    with urllib.request.urlopen(f"http://{address}{path}") as answer:
        return answer.read()


ws = WebSocket(address, "/ws?clientId=" + client_id)
with open(prompt_file, encoding="utf-8") as file:
    prompt = json.load(file)
prompt_id = str(uuid.uuid4())
body = json.dumps({"prompt": prompt, "client_id": client_id, "prompt_id": prompt_id}).encode()
# urllib calls it application/x-www-form-urlencoded, as in ComfyUI's own example.
with urllib.request.urlopen(urllib.request.Request(f"http://{address}/prompt", data=body)) as answer:
    assert json.load(answer)["prompt_id"] == prompt_id

executing, progress = [], 0
while True:
    kind, data = ws.message()
    if kind != 1:
        continue
    message = json.loads(data)
    if message["type"] == "progress":
        progress += 1
    if message["type"] == "executing" and message["data"].get("prompt_id") == prompt_id:
        executing.append(message["data"]["node"])
        if message["data"]["node"] is None:
            break

history = json.loads(get("/history/" + prompt_id))[prompt_id]
pictures = []
for output in history["outputs"].values():
    for image in output.get("images", []):
        query = urllib.parse.urlencode(
            {"filename": image["filename"], "subfolder": image["subfolder"], "type": image["type"]}
        )
        picture = get("/view?" + query)
        assert picture.startswith(b"\x89PNG"), picture[:16]
        pictures.append(len(picture))

print(
    json.dumps(
        {"executing": executing, "progress": progress, "pictures": pictures, "status": history["status"]["status_str"]}
    )
)
