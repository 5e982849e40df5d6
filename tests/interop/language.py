# SPDX-License-Identifier: Apache-2.0
# What the tests of patched packages of languages share: images of a folder and back, wheels, an index.
import base64
import csv
import hashlib
import http.server
import io
import json
import os
import shutil
import sys
import tarfile
import zipfile


def write(path, data):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as f:
        f.write(data if isinstance(data, bytes) else data.encode())


# --- images ---


def blob(layout, data):
    digest = hashlib.sha256(data).hexdigest()
    write(f"{layout}/blobs/sha256/{digest}", data)
    return "sha256:" + digest, len(data)


# An image of one layer with these paths of this machine.
def image(layout, tag, *paths):
    tar = io.BytesIO()
    with tarfile.open(fileobj=tar, mode="w", format=tarfile.PAX_FORMAT) as t:
        for path in paths:
            t.add(path, arcname=os.path.relpath(path, os.environ.get("IMAGE_ROOT", "/")))
    layer, size = blob(layout, tar.getvalue())
    config, config_size = blob(layout, json.dumps({
        "architecture": "amd64", "os": "linux", "created": "2026-01-02T03:04:05Z", "config": json.loads(os.environ.get("IMAGE_CONFIG", "{}")),
        "rootfs": {"type": "layers", "diff_ids": [layer]}, "history": [{"created_by": "test"}]}).encode())
    manifest, manifest_size = blob(layout, json.dumps({
        "schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "config": {"mediaType": "application/vnd.oci.image.config.v1+json", "digest": config, "size": config_size},
        "layers": [{"mediaType": "application/vnd.oci.image.layer.v1.tar", "digest": layer, "size": size}]}).encode())
    write(f"{layout}/oci-layout", '{"imageLayoutVersion":"1.0.0"}')
    write(f"{layout}/index.json", json.dumps({"schemaVersion": 2, "manifests": [{
        "mediaType": "application/vnd.oci.image.manifest.v1+json", "digest": manifest, "size": manifest_size,
        "annotations": {"org.opencontainers.image.ref.name": tag}}]}))


def read(layout, digest):
    with open(f"{layout}/blobs/{digest.replace(':', '/')}", "rb") as f:
        return f.read()


def manifest_of(layout, tag):
    for m in json.loads(open(f"{layout}/index.json").read())["manifests"]:
        if m["annotations"]["org.opencontainers.image.ref.name"] == tag:
            return json.loads(read(layout, m["digest"]))
    sys.exit(f"{layout} has no {tag}")


# The layers of an image over each other, in a folder.
def unpack(layout, tag, top):
    for layer in manifest_of(layout, tag)["layers"]:
        with tarfile.open(fileobj=io.BytesIO(read(layout, layer["digest"]))) as t:
            members = t.getmembers()
            for m in members:
                folder, name = os.path.split(m.name)
                if name.startswith(".wh."):
                    path = os.path.join(top, folder, name[4:])
                    if not os.path.lexists(path):
                        sys.exit(f"a whiteout of nothing: {m.name}")
                    shutil.rmtree(path) if os.path.isdir(path) and not os.path.islink(path) else os.unlink(path)
            for m in members:
                if not os.path.basename(m.name).startswith(".wh."):
                    path = os.path.join(top, m.name)
                    if not m.isdir() and os.path.lexists(path):
                        os.unlink(path)
                    t.extract(m, top, filter="fully_trusted") if hasattr(tarfile, "data_filter") else t.extract(m, top)


# What is in the last layer.
def layer(layout, tag):
    with tarfile.open(fileobj=io.BytesIO(read(layout, manifest_of(layout, tag)["layers"][-1]["digest"]))) as t:
        for m in t.getmembers():
            print(m.name)


# --- wheels ---


def record_hash(data):
    return "sha256=" + base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()


# A wheel of these files, whose modes may follow: {"path": "text"} or {"path": ["text", mode]}.
def wheel(folder, name, version, files=None, metadata=(), tag="py3-none-any", tags=None, lie=None, pure=True):
    base = name.replace("-", "_")
    info = f"{base}-{version}.dist-info"
    files = dict(files or {f"{base}/__init__.py": f"version = {version!r}\n"})
    files[f"{info}/METADATA"] = "".join(f"{line}\n" for line in [
        "Metadata-Version: 2.1", f"Name: {name if lie != 'name' else 'other'}", f"Version: {version}", *metadata]) + "\nA test.\n"
    files[f"{info}/WHEEL"] = "Wheel-Version: 1.0\nGenerator: test\n" + f"Root-Is-Purelib: {str(pure).lower()}\n" + "".join(
        f"Tag: {t}\n" for t in tags or [tag])
    rows = io.StringIO()
    table = csv.writer(rows, lineterminator="\n")
    path = f"{folder}/{base}-{version}-{tag}.whl"
    os.makedirs(folder, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as z:
        def put(name, data, mode=0o644, kind=0o100000):
            entry = zipfile.ZipInfo(name, (2025, 5, 6, 7, 8, 10))
            entry.external_attr = (kind | mode) << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            z.writestr(entry, data)
        for file, content in files.items():
            text, mode = content if isinstance(content, (list, tuple)) else (content, 0o644)
            data = text.encode()
            hashed = data + b"x" if lie == "hash" and file.endswith("__init__.py") else data
            if lie != "unrecorded" or not file.endswith("__init__.py"):
                table.writerow((file, record_hash(hashed), len(data)))
            put(file, data, mode, 0o120000 if lie == "link" and file.endswith("__init__.py") else 0o100000)
        evil = {"traversal": f"../{base}.py", "absolute": f"/etc/{base}", "backslash": f"{base}\\x.py", "case": f"{base}/__INIT__.py",
                "twice": f"{base}/__init__.py", "nowhere": f"{base}-{version}.data/elsewhere/x"}.get(lie)
        if evil:
            table.writerow((evil, record_hash(b""), 0))
            put(evil, b"")
        table.writerow((f"{info}/RECORD", "", ""))
        put(f"{info}/RECORD", rows.getvalue())
    return path


# --- an index (PEP 691), of a folder of wheels ---


def digest_of(path):
    with open(path, "rb") as f:
        return hashlib.sha256(f.read()).hexdigest()


def page(folder, project, how):
    files = []
    for name in sorted(os.listdir(folder)):
        if name.split("-")[0].lower().replace("_", "-") != project:
            continue
        path = f"{folder}/{name}"
        file = {"filename": name, "url": f"../../files/{name}", "hashes": {"sha256": digest_of(path)}, "size": os.path.getsize(path)}
        with zipfile.ZipFile(path) as z:
            text = next(z.read(n) for n in z.namelist() if n.endswith(".dist-info/METADATA"))
        for line in text.decode().splitlines():
            if line.startswith("Requires-Python: "):
                file["requires-python"] = line.split(": ")[1]
        if how == "metadata":
            file["core-metadata"] = {"sha256": hashlib.sha256(text).hexdigest()}
        if how == "unhashed":
            file["hashes"] = {}
        if how == "changed":
            file["hashes"]["sha256"] = "0" * 64
        if how == "yanked":
            file["yanked"] = "broken"
        files.append(file)
    return {"meta": {"api-version": "1.1" if how != "version" else "2.0"}, "name": project, "files": files} if files else None


def serve(folder, port_file):
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            _, how, kind, *rest = self.path.split("/")
            data, type, status = b"", "text/plain", 404
            if kind == "simple" and rest[0]:
                found = page(folder, rest[0], how)
                if found:
                    data, type, status = json.dumps(found).encode(), "application/vnd.pypi.simple.v1+json", 200
                if how == "html":
                    data, type = b"<html></html>", "text/html"
            elif kind == "files":
                name = rest[0]
                if name.endswith(".metadata"):
                    with zipfile.ZipFile(f"{folder}/{name[:-9]}") as z:
                        data = next(z.read(n) for n in z.namelist() if n.endswith(".dist-info/METADATA"))
                else:
                    data = open(f"{folder}/{name}", "rb").read()
                status = 200
            self.send_response(status)
            self.send_header("Content-Type", type)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_):
            pass
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    write(port_file, str(server.server_address[1]))
    server.serve_forever()


# --- tarballs of npm, and a registry of a folder of them ---


# {"path": "text"} or {"path": ["text", mode]}, and package.json; `lie` changes what is packed.
def tarball(folder, name, version, files=None, lie=None, **manifest):
    path = f"{folder}/{name.lstrip('@').replace('/', '-')}-{version}.tgz"
    entries = {"package.json": json.dumps({"name": name if lie != "name" else "other", "version": version, "main": "index.js", **manifest}, indent=2),
               "index.js": f"module.exports = '{name} {version}'\n", **(files or {})}
    os.makedirs(folder, exist_ok=True)
    with tarfile.open(path, "w:gz", format=tarfile.PAX_FORMAT) as t:
        def put(entry, content):
            text, mode = content if isinstance(content, (list, tuple)) else (content, 0o644)
            m = tarfile.TarInfo(entry)
            m.size, m.mode, m.mtime = len(text.encode()), mode, 499162500
            t.addfile(m, io.BytesIO(text.encode()))
        for entry, content in entries.items():
            put(f"package/{entry}", content)
        evil = {"traversal": "package/../../x", "case": "package/INDEX.js", "twice": "package/index.js", "bundles": "package/node_modules/x/x.js"}.get(lie)
        if evil:
            put(evil, "")
        if lie in ("link", "hard"):
            m = tarfile.TarInfo("package/link")
            m.type, m.linkname = (tarfile.SYMTYPE, "/etc/passwd") if lie == "link" else (tarfile.LNKTYPE, "package/index.js")
            t.addfile(m)
    return path


def manifest_in(path):
    with tarfile.open(path) as t:
        return json.loads(t.extractfile("package/package.json").read())


def serve_npm(folder, port_file):
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            _, how, *rest = self.path.split("/")
            data, status = b"{}", 404
            if rest[-1].endswith(".tgz"):
                data, status = open(f"{folder}/{rest[-1]}", "rb").read(), 200
            else:
                name, versions = "/".join(rest).replace("%2f", "/"), {}
                for file in sorted(os.listdir(folder)):
                    m = manifest_in(f"{folder}/{file}")
                    if m["name"] == name:
                        digest = hashlib.sha512(open(f"{folder}/{file}", "rb").read()).digest()
                        integrity = "sha512-" + base64.b64encode(digest if how != "changed" else b"x" * 64).decode()
                        versions[m["version"]] = {**m, "dist": {
                            "tarball": f"http://{self.headers['Host']}/{how}/{name}/-/{file}", **({"integrity": integrity} if how != "unhashed" else {})}}
                if versions:
                    latest = sorted(versions)[-1]
                    data, status = json.dumps({"name": name, "dist-tags": {"latest": latest}, "versions": versions}).encode(), 200
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_):
            pass
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    write(port_file, str(server.server_address[1]))
    server.serve_forever()


# --- jars, and a Maven repository of them ---


# A class file, as far as its head tells: JVMS 4.1.
def class_bytes(java=8):
    return b"\xca\xfe\xba\xbe" + (0).to_bytes(2, "big") + (44 + java).to_bytes(2, "big")


# requires: "group:artifact:version", the version may be empty; files: {"path": bytes or text}.
def jar(path, group, artifact, version, files=None, requires=(), manifest=(), java=8, stated=True, lie=None, stored=()):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    pom = "".join(f"<dependency><groupId>{g}</groupId><artifactId>{a}</artifactId>{f'<version>{v}</version>' if v else ''}</dependency>"
                  for g, a, v in (r.split(":") for r in requires))
    entries = {"META-INF/MANIFEST.MF": "".join(f"{line}\r\n" for line in ["Manifest-Version: 1.0", *manifest]) + "\r\n",
               f"org/acme/{artifact.replace('-', '_')}/X.class": class_bytes(java), **(files or {})}
    if stated:
        said = "other" if lie == "name" else artifact
        there = f"META-INF/maven/{group}/{artifact}"
        entries[f"{there}/pom.properties"] = f"groupId={group}\nartifactId={said}\nversion={'9.9' if lie == 'version' else version}\n"
        entries[f"{there}/pom.xml"] = (f"<project><!-- x --><groupId>{group}</groupId><artifactId>{said}</artifactId><version>{version}</version>"
                                       f"<dependencies>{pom}</dependencies></project>")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as z:
        def put(name, data, kind=0o100644):
            entry = zipfile.ZipInfo(name, (2025, 5, 6, 7, 8, 10))
            entry.external_attr = kind << 16
            entry.compress_type = zipfile.ZIP_STORED if name in stored else zipfile.ZIP_DEFLATED
            z.writestr(entry, data)
        for name, data in entries.items():
            put(name, data)
        evil = {"traversal": "../x.class", "absolute": "/etc/x", "backslash": "org\\\\x.class", "twice": "META-INF/MANIFEST.MF", "local": "local.class"}.get(lie)
        if evil:
            put(evil, b"")
        if lie == "link":
            put("link", b"/etc/passwd", 0o120777)
    data = open(path, "rb").read()
    if lie == "local":
        data = data.replace(b"local.class", b"other.class", 1)
    if lie == "prefix":
        data = b"#!/bin/sh\n" + data
    if lie == "none":
        data = b"no zip"
    if lie == "short":
        data = data[:-30]
    if lie == "crc":
        at = data.index(b"X.class") + 7
        data = data[:at] + bytes([data[at] ^ 255]) + data[at + 1:]
    write(path, data)
    return path


# One more version of a Maven repository; `digests`: which files lie beside it.
def publish(repo, group, artifact, version, digests=("sha512", "sha256", "sha1"), pom=None, **more):
    folder = f"{repo}/{group.replace('.', '/')}/{artifact}"
    path = jar(f"{folder}/{version}/{artifact}-{version}.jar", group, artifact, version, **more)
    if pom:
        write(path[:-4] + ".pom", pom)
    for file in [path] + ([path[:-4] + ".pom"] if pom else []):
        for kind in digests:
            write(f"{file}.{kind}", hashlib.new(kind, open(file, "rb").read()).hexdigest() + ("" if kind == "sha1" else f"  {os.path.basename(file)}\n"))
    versions = sorted(v for v in os.listdir(folder) if os.path.isdir(f"{folder}/{v}"))
    write(f"{folder}/maven-metadata.xml", f"<?xml version='1.0'?><metadata><groupId>{group}</groupId><artifactId>{artifact}</artifactId><versioning>"
          f"<latest>{versions[-1]}</latest><versions>{''.join(f'<version>{v}</version>' for v in versions)}</versions></versioning></metadata>")
    return path


def serve_folder(folder, port_file):
    class Handler(http.server.SimpleHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def __init__(self, *args):
            super().__init__(*args, directory=folder)

        def log_message(self, *_):
            pass
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    write(port_file, str(server.server_address[1]))
    server.serve_forever()


# --- what is installed ---


# Every RECORD below a folder: each file is there and has its hash, and no module is there without one.
def records(site):
    known = set()
    for info in sorted(os.listdir(site)):
        if not info.endswith(".dist-info") or not os.path.exists(f"{site}/{info}/RECORD"):
            continue
        with open(f"{site}/{info}/RECORD", newline="") as f:
            for path, hashed, size in csv.reader(f):
                full = os.path.normpath(os.path.join(site, path))
                known.add(full)
                if not os.path.exists(full):
                    print(f"{info}: {path} is not there")
                    continue
                data = open(full, "rb").read()
                if hashed and (record_hash(data) != hashed or len(data) != int(size)):
                    print(f"{info}: {path} has another hash or size")
    for top, _, names in os.walk(site):
        for name in names:
            if os.path.join(top, name) not in known and not name.endswith(".pyc"):
                print(f"nobody's: {os.path.join(top, name)}")


# A tree: type, mode and digest of each path; times are left out.
def tree(top):
    for folder, names, files in sorted(os.walk(top)):
        for name in sorted(names + files):
            path = os.path.join(folder, name)
            shown = os.path.relpath(path, top)
            mode = oct(os.lstat(path).st_mode)
            if os.path.islink(path):
                print(shown, mode, os.readlink(path))
            elif os.path.isfile(path):
                print(shown, mode, digest_of(path))
            else:
                print(shown, mode)


# A report as Trivy writes it: PACKAGE VERSION FIXED [PATH] of a type, four arguments each.
def report(out, kind, *rest):
    found = [{"VulnerabilityID": f"CVE-2026-{i:04}", "PkgName": n, "InstalledVersion": v, "FixedVersion": f, **({"PkgPath": p} if p else {})}
             for i, (n, v, f, p) in enumerate(zip(*[iter(rest)] * 4))]
    write(out, json.dumps({"SchemaVersion": 2, "ArtifactName": "x", "Results": [
        {"Target": "x", "Class": "lang-pkgs", "Type": kind, "Vulnerabilities": found}]}))


if __name__ == "__main__":
    {f.__name__: f for f in (image, unpack, layer, serve, serve_npm, serve_folder, records, tree, report)}[sys.argv[1]](*sys.argv[2:])
