#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A registry that says what is under a tag of signatures, and then does not: nothing is put there without knowing what it replaces.
# One that has no such question is put to all the same.
. "$(dirname "$0")/../lib.sh"
need python3 openssl
cd "$T" || exit 1
cat >registry.py <<'PY'
import hashlib, http.server, sys
manifests, tags, blobs, heads = {}, {}, {}, [0]
class Registry(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def log_message(self, *_):
        pass
    def answer(self, status, body=b"", **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
    def do_GET(self):
        name = self.path.split("/")[-1]
        digest = tags.get(name, name)
        if self.command == "HEAD" and name.endswith(".sig"):
            heads[0] += 1
            if heads[0] == 2:
                return self.answer(int(sys.argv[2]))
        if "/manifests/" in self.path and digest in manifests:
            return self.answer(200, manifests[digest][1], Content_Type=manifests[digest][0], Docker_Content_Digest=digest)
        if "/blobs/" in self.path and digest in blobs:
            return self.answer(200, blobs[digest])
        self.answer(200 if self.path == "/v2/" else 404, b"{}")
    do_HEAD = do_GET
    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))  # it is sent again, as this answer asks for
        self.answer(202, Location="/v2/web/upload/1")
    def do_PUT(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        digest, name = "sha256:" + hashlib.sha256(body).hexdigest(), self.path.split("/")[-1]
        if "/manifests/" in self.path:
            manifests[digest] = self.headers["Content-Type"], body
            tags[name] = digest
        else:
            blobs[digest] = body
        self.answer(201, Docker_Content_Digest=digest)
http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Registry).serve_forever()
PY
openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out k.pem 2>/dev/null
openssl pkey -in k.pem -pubout -out k.pub
make_layout layout
for status in 403 405; do
	free_port port
	start_server "registry$status" "$port" python3 registry.py "$port" $status
	image=127.0.0.1:$port/web
	check "an image" "$HULLMARK" copy oci:layout:v1 "$image:v1" -q
	if ((status == 403)); then
		refuses 1 'forbids it \(403\)' "what is there is not said" "$HULLMARK" sign "$image@$digest" --format cosign --key k.pem
		refuses 3 'has no signature' "and nothing was put there" "$HULLMARK" verify "$image@$digest" --key k.pub
	else
		check "there is no such question" "$HULLMARK" sign "$image@$digest" --format cosign --key k.pem
		check "and it is signed" "$HULLMARK" verify "$image@$digest" --key k.pub
	fi
done
done_testing
