# SPDX-License-Identifier: Apache-2.0
"""again ROOT DIR: every installed package of a Debian root that has maintainer scripts, packed once more into DIR as a
later version with the same files and scripts. What dpkg and its scripts do with these is held against what is said that
they do."""
import os
import re
import shutil
import subprocess
import sys

root, out = sys.argv[1:]
info = root + "/var/lib/dpkg/info/"
SCRIPTS = ("preinst", "postinst", "prerm", "postrm", "config")
KEPT = SCRIPTS + ("triggers", "conffiles", "shlibs", "symbols", "templates", "md5sums")


def stanzas():
    with open(root + "/var/lib/dpkg/status") as f:
        for text in f.read().split("\n\n"):
            if "\nStatus: install ok installed\n" in text:
                yield text


def field(text, name):
    found = re.search("^%s: (.*)$" % name, text, re.M)
    return found.group(1) if found else ""


def stem(text):
    name = field(text, "Package")
    both = name + ":" + field(text, "Architecture")
    return both if os.path.exists(info + both + ".list") else name


for text in stanzas():
    at = info + stem(text)
    if not any(os.path.exists(at + "." + s) for s in SCRIPTS[:4]):
        continue
    top = out + "/top"
    os.makedirs(top + "/DEBIAN")
    os.chmod(top, 0o755)
    control = re.sub(r"^Conffiles:\n(?: .*\n?)*", "", text + "\n", flags=re.M)
    control = re.sub(r"^(Status|Config-Version|Triggers-\w+): .*\n", "", control, flags=re.M)
    control = re.sub(r"^(Version: .*)$", r"\1+again1", control, flags=re.M)
    control = re.sub(r"\(= ([^)]*)\)", r"(>= \1)", control)
    with open(top + "/DEBIAN/control", "w") as f:
        f.write(control.strip() + "\n")
    for name in KEPT:
        if os.path.exists(at + "." + name):
            shutil.copy(at + "." + name, top + "/DEBIAN/" + name)
    with open(at + ".list") as f:
        paths = ["." + p for p in f.read().split("\n")[:-1] if p != "/."]
    # Folders that are links in the root (a merged /usr) are folders in the package.
    real = [p for p in paths if os.path.lexists(root + "/" + p) and not (p.count("/") == 1 and os.path.islink(root + "/" + p))]
    for p in paths:
        if p not in real and os.path.isdir(root + "/" + p):
            os.makedirs(top + "/" + p)
    tar = subprocess.run(["tar", "-C", root, "--no-recursion", "--null", "--verbatim-files-from", "-T", "-", "-cf", "-"],
                         input="\0".join(real).encode(), capture_output=True)
    subprocess.run(["tar", "-C", top, "-xpf", "-"], input=tar.stdout, check=True)
    file = "%s/%s_%s.deb" % (out, field(text, "Package"), field(text, "Architecture"))
    made = subprocess.run(["dpkg-deb", "-Znone", "-b", top, file], capture_output=True, text=True)
    if made.returncode:
        print("not packed:", field(text, "Package"), made.stderr.strip(), file=sys.stderr)
    shutil.rmtree(top)
