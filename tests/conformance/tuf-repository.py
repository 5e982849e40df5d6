# SPDX-License-Identifier: Apache-2.0
"""TUF repositories made by python-tuf, and its client as a judge. For tuf.sh.

tuf-repository.py make CASE DIR [FILE]       DIR/root.json, and a mirror's two states: DIR/a, DIR/b; the target is FILE
tuf-repository.py list                       the cases
tuf-repository.py compare HULLMARK DIR N     N repositories at random, mutated: where client and hullmark disagree is printed
tuf-repository.py serve DIR PORT HOW         a mirror: well, endless (each file never ends), slow (a byte now and then)
"""
import copy, datetime, hashlib, http.server, json, os, random, shutil, subprocess, sys, time

NOW = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)
DAY = datetime.timedelta(days=1)
TARGET = json.dumps({"mediaType": "application/vnd.dev.sigstore.trustedroot+json;version=0.1"}).encode()
ROLES = ("root", "timestamp", "snapshot", "targets")


class Repository:
    """The newest state of a repository; write() puts it and all roots before it into a folder."""

    def __init__(self, consistent=True, hashes=True, n=2, threshold=1, kind="ecdsa"):
        from securesystemslib.signer import CryptoSigner
        from tuf.api.metadata import MetaFile, Metadata, Root, Snapshot, TargetFile, Targets, Timestamp
        self.api = (MetaFile, Metadata, TargetFile)
        self.make = getattr(CryptoSigner, "generate_" + kind)
        self.hashes, self.threshold, self.roots, self.files = hashes, threshold, [], {}
        self.root = Root(version=1, expires=NOW + 30 * DAY, consistent_snapshot=consistent)
        self.keys = {}
        for role in ROLES:
            self.keys[role] = [self.make() for _ in range(n)]
            for k in self.keys[role]:
                self.root.add_key(k.public_key, role)
            self.root.roles[role].threshold = threshold
        self.targets = Targets(version=1, expires=NOW + 30 * DAY)
        self.snapshot = Snapshot(version=1, expires=NOW + 30 * DAY)
        self.timestamp = Timestamp(version=1, expires=NOW + DAY)
        self.put("trusted_root.json", TARGET)
        self.sign_root()
        self.publish(0)

    def put(self, name, data):
        self.targets.targets[name] = self.api[2].from_data(name, data, ["sha256", "sha512"])
        digests = [hashlib.new(a, data).hexdigest() + "." for a in ("sha256", "sha512")]
        for head in ["", *digests]:
            self.files["targets/" + head + name] = data

    def bytes_of(self, signed, keys):
        from tuf.api.serialization.json import JSONSerializer
        md = self.api[1](signed)
        for k in keys:
            md.sign(k, append=True)
        return md.to_bytes(JSONSerializer(compact=False))

    def sign_root(self, *more):
        self.roots.append(self.bytes_of(self.root, [*self.keys["root"], *more]))

    def rotate(self, role="root"):
        """A new root, whose `role` has new keys: signed by the old root's keys and the new ones."""
        old, before = self.keys["root"], self.keys[role]
        for k in before:
            self.root.revoke_key(k.public_key.keyid, role)
        self.keys[role] = [self.make() for _ in before]
        for k in self.keys[role]:
            self.root.add_key(k.public_key, role)
        self.root.version += 1
        self.sign_root(*(old if role == "root" else []))

    def meta_of(self, version, data):
        m = self.api[0](version)
        return self.api[0].from_data(version, data, ["sha256"]) if self.hashes else m

    def publish(self, step=1):
        """Metadata of all but root, of versions one higher."""
        for signed in (self.targets, self.snapshot, self.timestamp):
            signed.version += step
        self.bytes = {}
        self.bytes["targets"] = self.bytes_of(self.targets, self.keys["targets"])
        self.snapshot.meta["targets.json"] = self.meta_of(self.targets.version, self.bytes["targets"])
        self.sign_snapshot()

    def sign_snapshot(self):
        self.bytes["snapshot"] = self.bytes_of(self.snapshot, self.keys["snapshot"])
        self.timestamp.snapshot_meta = self.meta_of(self.snapshot.version, self.bytes["snapshot"])
        self.sign_timestamp()

    def sign_timestamp(self):
        self.bytes["timestamp"] = self.bytes_of(self.timestamp, self.keys["timestamp"])

    def named(self):
        """Path -> bytes, of all there is."""
        all = {f"{i + 1}.root.json": data for i, data in enumerate(self.roots)}
        all["timestamp.json"] = self.bytes["timestamp"]
        for role, signed in (("snapshot", self.snapshot), ("targets", self.targets)):
            head = f"{signed.version}." if self.root.consistent_snapshot else ""
            all[f"{head}{role}.json"] = self.bytes[role]
        return all | self.files

    def write(self, to):
        write(self.named(), to)


def write(files, to):
    shutil.rmtree(to, ignore_errors=True)
    for name, data in files.items():
        os.makedirs(os.path.dirname(f"{to}/{name}"), exist_ok=True)
        with open(f"{to}/{name}", "wb") as f:
            f.write(data)


# --- cases: what happens between state a and state b ---

def edit(data, change):
    """Metadata, changed but not signed again."""
    v = json.loads(data)
    change(v)
    return json.dumps(v).encode()


def rotation(r):
    for _ in range(12):
        r.rotate()
    for role in ROLES[1:]:
        r.rotate(role)
    r.publish()


def old_threshold(r):
    old = r.keys["root"]
    r.rotate()
    r.roots[-1] = r.bytes_of(r.root, [*r.keys["root"], old[0]])


def new_threshold(r):
    old = r.keys["root"]
    r.rotate()
    r.roots[-1] = r.bytes_of(r.root, [r.keys["root"][0], *old])


def expired(role):
    def do(r):
        for signed in {"root": (), "targets": (r.targets,), "snapshot": (r.snapshot,), "timestamp": (r.timestamp,)}[role]:
            signed.expires = NOW - DAY
        if role == "root":
            r.root.expires = NOW - DAY
            r.root.version += 1
            r.sign_root()
        r.publish()
    return do


def stale(role):
    """The file that was there before, under the new one's name."""
    def do(r):
        old = r.bytes[role]
        r.publish()
        r.bytes[role] = old
    return do


def targets_lower(r):
    r.targets.version -= 2
    r.publish()


def role_gone(r):
    del r.snapshot.meta["x.json"]
    r.publish()


def named_role(r):
    r.snapshot.meta["x.json"] = r.api[0](3)
    r.publish()


def mix(r):
    good = r.bytes["snapshot"]
    r.publish()
    r.snapshot.unrecognized_fields["x"] = 1
    r.bytes["snapshot"] = r.bytes_of(r.snapshot, r.keys["snapshot"])
    assert good != r.bytes["snapshot"]


def wrong_target(data):
    def do(r):
        r.put("trusted_root.json", TARGET + b"\n")
        r.publish()
        for name in r.files:
            if name.startswith("targets/"):
                r.files[name] = data
    return do


def next_missing(r):
    r.rotate()
    r.rotate("timestamp")
    r.publish()
    r.roots[1] = None  # 2.root.json


def stranger(role):
    def do(r):
        r.publish()
        r.keys[role] = [r.make() for _ in r.keys[role]]
        r.publish()
    return do


def duplicated(r):
    r.publish()
    r.bytes["timestamp"] = edit(r.bytes_of(r.timestamp, r.keys["timestamp"][:1]),
                                lambda v: v["signatures"].append(v["signatures"][0]))


def two_names(r):
    """One key under two ids signs twice."""
    k = r.keys["timestamp"][0]
    other = copy.deepcopy(k.public_key)
    other.keyid = "f" * 64
    r.root.version += 1
    r.root.keys[other.keyid] = other
    r.root.roles["timestamp"].keyids = [k.public_key.keyid, other.keyid]
    r.sign_root()
    r.timestamp.version += 1
    data = r.bytes_of(r.timestamp, [k])
    r.bytes["timestamp"] = edit(data, lambda v: v["signatures"].append(dict(v["signatures"][0], keyid=other.keyid)))


def foreign_id(r):
    """An id of the role, over a signature of another key."""
    r.publish()
    ids = [k.public_key.keyid for k in r.keys["timestamp"]]
    data = r.bytes_of(r.timestamp, [r.make() for _ in ids])
    r.bytes["timestamp"] = edit(data, lambda v: [s.update(keyid=i) for s, i in zip(v["signatures"], ids)])


def unknown_key(r):
    """A key of another kind is beside those that sign."""
    from securesystemslib.signer import SSlibKey
    r.root.version += 1
    r.root.add_key(SSlibKey("e" * 64, "later", "later", {"public": "x"}), "timestamp")
    r.sign_root()
    r.publish()


def unknown_alone(r):
    """Only a key of another kind could have signed."""
    unknown_key(r)
    r.root.version += 1
    r.root.roles["timestamp"].keyids = ["e" * 64]
    r.root.roles["timestamp"].threshold = 1
    r.sign_root()
    r.publish()
    r.bytes["timestamp"] = edit(r.bytes["timestamp"], lambda v: v["signatures"][0].update(keyid="e" * 64))


def shared_key(r):
    """One key has two roles."""
    k = r.keys["snapshot"][0]
    r.root.version += 1
    r.root.add_key(k.public_key, "timestamp")
    r.root.roles["timestamp"].keyids = [k.public_key.keyid]
    r.root.roles["timestamp"].threshold = 1
    r.keys["timestamp"] = [k]
    r.sign_root()
    r.publish()


def recovery(r):
    """Somebody had pushed the versions far ahead: new keys, and small versions again."""
    r.rotate("timestamp")
    r.rotate("snapshot")
    r.timestamp.version = r.snapshot.version = 1
    r.publish()


def ahead(r):
    r.timestamp.version = r.snapshot.version = 1000
    r.publish()


def wrong_root_version(r):
    r.root.version += 5
    r.sign_root()


def new_target(r):
    r.put("trusted_root.json", TARGET + b"\n")
    r.put("signing_config.v0.2.json", b"{}")
    r.publish()


def short(r):
    """The timestamp is good for some seconds."""
    r.timestamp.expires = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0) + datetime.timedelta(seconds=8)
    r.sign_timestamp()


def long(r):
    r.timestamp.expires = NOW + DAY
    r.publish()


# name: (options of the repository, what was before a, from a to b)
CASES = {
    "rotation": ({}, None, rotation),
    "update": ({}, None, new_target),
    "unchanged": ({}, None, lambda r: None),
    "not-consistent": ({"consistent": False}, None, new_target),
    "without-hashes": ({"hashes": False}, None, new_target),
    "ed25519": ({"kind": "ed25519", "threshold": 2}, None, new_target),
    "rsa": ({"kind": "rsa", "threshold": 2}, None, new_target),
    "short": ({}, short, long),
    "shared-key": ({}, None, shared_key),
    "recovery": ({}, ahead, recovery),
    "unknown-key": ({}, None, unknown_key),
    "unknown-key-alone": ({}, None, unknown_alone),
    "old-threshold": ({"threshold": 2}, None, old_threshold),
    "new-threshold": ({"threshold": 2}, None, new_threshold),
    "wrong-root-version": ({}, None, wrong_root_version),
    "expired-root": ({}, None, expired("root")),
    "expired-timestamp": ({}, None, expired("timestamp")),
    "expired-snapshot": ({}, None, expired("snapshot")),
    "expired-targets": ({}, None, expired("targets")),
    "rollback-timestamp": ({}, lambda r: r.publish(5), lambda r: r.publish(-3)),
    "rollback-snapshot": ({}, lambda r: r.publish(5), lambda r: (setattr(r.snapshot, "version", 2), r.sign_snapshot(),
                          setattr(r.timestamp, "version", 50), r.sign_timestamp())),
    "rollback-targets": ({}, lambda r: r.publish(5), targets_lower),
    "role-gone": ({}, named_role, role_gone),
    "mix-and-match": ({}, None, mix),
    "stale-snapshot": ({"hashes": False}, None, stale("snapshot")),
    "stale-targets": ({"hashes": False}, None, stale("targets")),
    "wrong-length": ({}, None, wrong_target(TARGET)),
    "wrong-hash": ({}, None, wrong_target(TARGET + b"\t")),
    "root-missing": ({}, None, next_missing),
    "stranger-timestamp": ({}, None, stranger("timestamp")),
    "stranger-snapshot": ({}, None, stranger("snapshot")),
    "stranger-targets": ({}, None, stranger("targets")),
    "duplicate-signatures": ({"threshold": 2}, None, duplicated),
    "two-names": ({"threshold": 2}, None, two_names),
    "foreign-id": ({}, None, foreign_id),
}


def make(case, to, target=None):
    options, before, change = CASES[case]
    r = Repository(**options)
    if target:
        with open(target, "rb") as f:
            r.put("trusted_root.json", f.read())
        r.publish(0)
    if before:
        before(r)
    os.makedirs(to, exist_ok=True)
    with open(f"{to}/root.json", "wb") as f:
        f.write(r.roots[0])
    r.write(to + "/a")
    change(r)
    write({n: d for n, d in r.named().items() if d is not None}, to + "/b")


# --- the judge ---

def ask(mirror, root, cache):
    """What python-tuf's client says of a mirror in a folder: None, or why not."""
    from tuf.api.exceptions import DownloadHTTPError
    from tuf.ngclient import FetcherInterface, Updater

    class Folder(FetcherInterface):
        def _fetch(self, url):
            try:
                with open(mirror + "/" + url.removeprefix("folder:///"), "rb") as f:
                    data = f.read()
            except FileNotFoundError:
                raise DownloadHTTPError("no such file", 404)
            return iter([data])

    os.makedirs(cache + "/targets", exist_ok=True)
    try:
        u = Updater(cache, "folder:///", cache + "/targets", "folder:///targets/", fetcher=Folder(), bootstrap=root)
        u.refresh()
        for name in ("trusted_root.json", "signing_config.v0.2.json"):
            info = u.get_targetinfo(name)
            if info is None and name == "trusted_root.json":
                raise KeyError(name)
            if info:
                u.download_target(info)
    except Exception as e:  # whatever it is, it is a no
        return f"{type(e).__name__}: {e}: {e.__cause__}"
    return None


# Where the two differ knowingly: python-tuf refuses a whole root for a key of a kind that it does not know, and takes a
# signature whose key id is no text.
EXCUSED = ("Unsupported public key", '"keyid" is not a string')


# --- mutations ---

def any_place(v, random, path=()):
    places = []
    for key in v if isinstance(v, dict) else range(len(v)):
        places.append((*path, key))
        if isinstance(v[key], (dict, list)):
            places += any_place(v[key], random, (*path, key))
    return places


def mutate_json(data, random):
    try:
        v = json.loads(data)
    except ValueError:
        return data
    path = random.choice(any_place(v, random))
    at = v
    for key in path[:-1]:
        at = at[key]
    old = at[path[-1]]
    how = random.randrange(4)
    if how == 0:
        del at[path[-1]]
    elif how == 1 and isinstance(old, int):
        at[path[-1]] = old + random.choice((-1, 1, 1000, -old))
    elif how == 2 and isinstance(old, str) and old:
        i = random.randrange(len(old))
        at[path[-1]] = old[:i] + random.choice("0aZ") + old[i + 1:]
    else:
        at[path[-1]] = random.choice((0, -1, 1, "", "x", None, [], {}, True))
    return json.dumps(v).encode()


def resign(data, keys):
    """Signed again, as the mutation is now: python-tuf's own form, whatever it parses to."""
    from securesystemslib.formats import encode_canonical
    try:
        v = json.loads(data)
        body = encode_canonical(v["signed"]).encode()
        v["signatures"] = [{"keyid": k.public_key.keyid, "sig": k.sign(body).signature} for k in keys]
        return json.dumps(v).encode()
    except Exception:
        return data


def role_of(name):
    return name.removesuffix(".json").split(".")[-1]


def mutate(files, before, r, random):
    names = sorted(n for n in files if not n.startswith("targets/"))
    name = random.choice(names)
    data = files[name]
    how = random.randrange(8)
    if how <= 2:
        files[name] = mutate_json(data, random)
    elif how <= 4:
        files[name] = resign(mutate_json(data, random), r.keys[role_of(name)])
    elif how == 5:
        i = random.randrange(len(data))
        files[name] = random.choice((data[:i], data[:i] + bytes([random.randrange(256)]) + data[i + 1:], data + b" ", b""))
    elif how == 6:
        del files[name]
    else:
        old = [n for n in before if role_of(n) == role_of(name)]
        files[name] = before[random.choice(old)]


def tell(hullmark, *args):
    return subprocess.run([hullmark, *args], capture_output=True, text=True)


def compare_one(hullmark, to, seed):
    rnd = random.Random(seed)
    r = Repository(consistent=rnd.random() < .7, hashes=rnd.random() < .5, n=rnd.randrange(1, 4),
                   kind=rnd.choice(("ecdsa", "ed25519")))
    root = r.roots[0]
    for _ in range(rnd.randrange(3)):
        r.publish()
    before = r.named()
    for _ in range(rnd.randrange(4)):
        r.rotate(rnd.choice(ROLES))
    if rnd.random() < .5:
        r.put("trusted_root.json", TARGET + b" " * rnd.randrange(3))
    r.publish()
    after = r.named()
    if rnd.random() < .9:
        mutate(after, before, r, rnd)
    mirror, cache, config = to + "/mirror", to + "/cache", to + "/config"
    with open(to + "/root.json", "wb") as f:
        f.write(root)
    for old in (cache, config):
        shutil.rmtree(old, ignore_errors=True)
    write(before, mirror)
    first = ask(mirror, root, cache)
    ours = tell(hullmark, "trust-root", "init", "--mirror", mirror, "--root", to + "/root.json", "--config-dir", config)
    assert first is None and ours.returncode == 0, (first, ours.stderr)
    write(after, mirror)
    want = ask(mirror, root, cache)
    ours = tell(hullmark, "trust-root", "update", "--config-dir", config)
    return want, ours


def compare(hullmark, to, n):
    counts = {True: 0, False: 0}
    os.makedirs(to, exist_ok=True)
    for seed in range(n):
        want, ours = compare_one(hullmark, to, seed)
        counts[want is None] += 1
        said = f"{want} {ours.stderr}"
        if (want is None) != (ours.returncode == 0) and not any(e in said for e in EXCUSED):
            print(f"seed {seed}: python-tuf: {want or 'good'}; hullmark: {ours.stderr.strip() or 'good'}")
    print(f"{counts[True]} good, {counts[False]} refused", file=sys.stderr)


# --- mirrors that misbehave ---

def serve(folder, port, how):
    class Handler(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *args):
            super().__init__(*args, directory=folder)

        def log_message(self, *args):
            pass

        def do_GET(self):
            if how == "well" or "root.json" in self.path:
                return super().do_GET()
            self.send_response(200)
            self.end_headers()
            try:
                while True:
                    self.wfile.write(b" " * (1 if how == "slow" else 65536))
                    self.wfile.flush()
                    time.sleep(1 if how == "slow" else 0)
            except OSError:
                pass

    http.server.ThreadingHTTPServer.daemon_threads = True
    http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler).serve_forever()


if __name__ == "__main__":
    what, rest = sys.argv[1], sys.argv[2:]
    if what == "make":
        make(*rest)
    elif what == "list":
        print("\n".join(CASES))
    elif what == "compare":
        compare(rest[0], rest[1], int(rest[2]))
    else:
        serve(rest[0], int(rest[1]), rest[2])
