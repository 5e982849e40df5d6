#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# References mean to us what they mean to containerd and Docker, whose own parsers are asked about
# references that are made here from a fixed seed. What they accept and we read otherwise is a hole:
# the policy would be asked about another name than the one that is pulled.
user_home=$HOME
. "$(dirname "$0")/../lib.sh"
need go

ours=${HULLMARK_REFERENCE:-$(dirname "$(readlink -f "$HULLMARK")")/../tests/conformance/reference}
[[ -x $ours ]] || { echo "1..0 # skip no program \"$ours\""; exit 0; }

# It writes references to go.in, and to go.out what each must be here: what they read it as, with the
# host in its one spelling; "!" where they refuse it, or where the host is one of those that we do.
mkdir "$T/go"
cat >"$T/go/main.go" <<'END'
package main

import (
	"bufio"
	_ "crypto/sha256"
	_ "crypto/sha512"
	"fmt"
	"math/rand"
	"net/netip"
	"os"
	"regexp"
	"strconv"
	"strings"

	containerd "github.com/containerd/containerd/reference"
	"github.com/distribution/reference"
)

var r = rand.New(rand.NewSource(11))

func pick(a ...string) string { return a[r.Intn(len(a))] }

func host() string {
	h := pick("r.example", "R.Example", "localhost", "LOCALHOST", "LocalHost", "docker.io", "Docker.IO", "index.docker.io",
		"registry-1.docker.io", "127.0.0.1", "127.1", "0x7f.1", "2130706433", "0177.0.0.1", "127.0.0.01", "0.0.0.0", "10.0.0.256",
		"[::1]", "[0:0::1]", "[::]", "[::ffff:7f00:1]", "[FD00::1]", "[fd00:0:0::1]", "[::ffff:127.0.0.1]", "[zz]", "[1::2::3]", "[",
		"a-b.c-d", "-a.b", "a-.b", "a..b", "a.b.", "localhost.", "xn--bcher-kva.example", "x_y.example", "team", "Team", "a.1",
		"u@r.example", "u:p@r.example", "1.2.3.4.5", "0", "", "reg", "oci", "dir", "file", strings.Repeat("a", 64)+".b", "ГОСТ.example")
	if r.Intn(2) == 0 {
		h = pick("r.example", "R.Example", "LOCALHOST", "index.docker.io", "docker.io", "[0:0::1]", "registry-1.docker.io")
	}
	return h + pick("", "", "", "", "", "", "", "", ":5000", ":5000", ":05000", ":443", ":0443", ":80", ":0", ":65535", ":65536", ":", ":x", ":5000:5000", ":99999999999999999999", ":+80")
}

func path() string {
	p := ""
	for n := 1 + r.Intn(4); n > 0; n-- {
		if r.Intn(4) > 0 {
			p += pick("a", "app", "library", "prod", "a-b", "a__b")
		} else {
			p += pick("a", "app", "library", "prod", "v1", "v2", "a-b", "a--b", "a__b", "a_b", "a.b", "a..b", "a___b", "A", "-a", "a-", "a b", "", "..", "0",
			"sha256", strings.Repeat("f", 64), strings.Repeat("a", 200), "%61")
		}
		if n > 1 {
			p += pick("/", "/", "/", "/", "/", "/", "/", "/", "//")
		}
	}
	return p
}

func digest() string {
	return pick("@sha256:"+strings.Repeat("ab", 32), "@sha256:"+strings.Repeat("0d", 32), "@sha256:"+strings.Repeat("AB", 32), "@sha256:ab", "@sha512:"+strings.Repeat("0c", 64),
		"@sha384:"+strings.Repeat("0c", 48), "@md5:"+strings.Repeat("ab", 16), "@", "@sha256:"+strings.Repeat("ab", 32)+"@sha256:"+strings.Repeat("cd", 32),
		"@sha256:"+strings.Repeat("ab", 32)+":x", "@sha512:"+strings.Repeat("ab", 32))
}

func one() string {
	s := path()
	if r.Intn(4) > 0 {
		s = host() + pick("/", "/", "/", "/", "/", "/", "/", "//", "") + s
	}
	if r.Intn(2) == 0 {
		s += pick(":1", ":1", ":1", ":latest", ":latest", ":v1.0-rc_1", ":.x", ":", ":a:b", ":A", ":"+strings.Repeat("t", 129), ":-x", ":_x", ":443/x")
	}
	if r.Intn(3) == 0 {
		s += digest()
	}
	if s != "" && r.Intn(5) == 0 { // a byte of it is another one
		i := r.Intn(len(s))
		s = s[:i] + pick("/", ":", "@", ".", "A", "a", "0", "_", "-", "[", "]", "%", "?", "#", " ", "\\", "", "\x7f", "\x80") + s[i+1:]
	}
	return s
}

var number = regexp.MustCompile(`^(0[xX][0-9a-fA-F]*|[0-9]+)$`)
var ipv4 = regexp.MustCompile(`^(0|[1-9][0-9]{0,2})(\.(0|[1-9][0-9]{0,2})){3}$`)

// The host in its one spelling; false: it is one that we refuse.
func normal(domain string) (string, bool) {
	h, port := domain, ""
	if i := strings.LastIndexByte(domain, ':'); i > strings.LastIndexByte(domain, ']') {
		h, port = domain[:i], domain[i+1:]
		n, err := strconv.ParseUint(port, 10, 64)
		if err != nil || n == 0 || n > 65535 {
			return "", false
		}
		port = fmt.Sprint(n)
	}
	h = strings.ToLower(h)
	if strings.HasPrefix(h, "[") {
		a, err := netip.ParseAddr(strings.Trim(h, "[]"))
		if err != nil || a.Is4In6() || a.IsUnspecified() {
			return "", false
		}
		b := a.As16()
		if strings.Trim(string(b[:12]), "\x00") == "" && !a.IsLoopback() {
			return "", false
		}
		h = "[" + a.String() + "]"
	} else {
		labels := strings.Split(h, ".")
		if number.MatchString(labels[len(labels)-1]) {
			if a, err := netip.ParseAddr(h); err != nil || !ipv4.MatchString(h) || a.IsUnspecified() {
				return "", false
			}
		}
		for _, l := range labels {
			if len(l) > 63 {
				return "", false
			}
		}
	}
	if port == "443" {
		port = ""
	}
	if port != "" {
		return h + ":" + port, true
	}
	if h == "index.docker.io" || h == "registry-1.docker.io" {
		h = "docker.io"
	}
	return h, true
}

func meaning(s string) string {
	for _, scheme := range []string{"oci:", "oci-archive:", "docker-archive:", "dir:", "file:", "sbom:"} {
		if strings.HasPrefix(s, scheme) { // a target of another kind
			return "!"
		}
	}
	named, err := reference.ParseNormalizedNamed(s)
	if err != nil || len(s) > 512 {
		return "!"
	}
	// containerd reads what Docker's parser made of it, and must see the same host and digest
	spec, err := containerd.Parse(named.String())
	if err != nil {
		return "!"
	}
	if spec.Hostname() != reference.Domain(named) { // two readings ("x_y.example/a"): none of ours
		return "!"
	}
	h, ok := normal(reference.Domain(named))
	if !ok {
		return "!"
	}
	p, tag, dig := reference.Path(named), "", ""
	if h == "docker.io" && !strings.Contains(p, "/") {
		p = "library/" + p // by its other names, too
	}
	if t, ok := named.(reference.Tagged); ok {
		tag = t.Tag()
	}
	if d, ok := named.(reference.Digested); ok {
		dig = d.Digest().String()
		if spec.Digest() != d.Digest() {
			return "? " + named.String()
		}
	}
	return h + "\t" + p + "\t" + tag + "\t" + dig
}

func main() {
	in, _ := os.Create("go.in")
	out, _ := os.Create("go.out")
	wi, wo := bufio.NewWriter(in), bufio.NewWriter(out)
	accepted := 0
	for i := 0; i < 100000; i++ {
		s := one()
		m := meaning(s)
		if m != "!" {
			accepted++
		}
		fmt.Fprintln(wi, s)
		fmt.Fprintln(wo, m)
	}
	wi.Flush()
	wo.Flush()
	fmt.Println(accepted)
}
END
if ! accepted=$(cd "$T/go" && export HOME=$user_home GOFLAGS=-mod=mod GOTOOLCHAIN=local GOWORK=off && {
	go mod init references && go get github.com/distribution/reference@v0.6.0 github.com/containerd/containerd@v1.7.29
} >"$T/go.log" 2>&1 && go run . 2>>"$T/go.log"); then
	skip "references mean what they mean to containerd" "no modules: $(tail -n 1 "$T/go.log")"
	done_testing
	exit
fi
"$ours" <"$T/go/go.in" >"$T/ours"
is "every reference is answered" "$(wc -l <"$T/ours")" "$(wc -l <"$T/go/go.in")"
paste -d '\n' "$T/go/go.in" "$T/go/go.out" "$T/ours" | awk 'NR % 3 == 1 { text = $0 } NR % 3 == 2 { theirs = $0 }
	NR % 3 == 0 && $0 != theirs { print text; print "  theirs: " theirs; print "  ours:   " $0 }' >"$T/differ"
if [[ -s $T/differ ]]; then
	not_ok "they mean what they mean to containerd" "$(wc -l <"$T/differ")" "$(head -n 30 "$T/differ")"
else
	ok "they mean what they mean to containerd ($accepted of $(wc -l <"$T/ours") accepted)"
fi
if ((accepted > 10000)); then ok "many of them are accepted"; else not_ok "many of them are accepted" "$accepted"; fi
done_testing
