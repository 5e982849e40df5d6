// SPDX-License-Identifier: Apache-2.0

// The oracle of tests/hostile: which packages a container runtime shows of an image. containerd's
// own code unpacks the layers, as for overlayfs (each into a folder of its own, which the kernel then
// lays over each other) and as without it (all into one folder).
//
// Taking a mount down is slow, so that the kernel does that for each 50th image alone. The layers of
// the others are laid over each other here, which must show the same of those that are mounted.
//
// Standard input: images, each a number of layers (one byte) and these, with their sizes in four
// bytes, little endian. Standard output, for each image: a line for each way, "overlay" and "native",
// then the names of the packages in it, or "refused: " and why.
package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"syscall"

	"github.com/containerd/containerd/archive"
	"github.com/containerd/log"
	"golang.org/x/sys/unix"
)

// A kind of evidence: where it lies, and how it says its name.
type kind struct {
	where, name *regexp.Regexp
	except      *regexp.Regexp // where it is none
	fixed       []string       // places that are reached through symbolic links, too
	linked      bool           // a loader finds it through symbolic links of any name
}

var kinds = []kind{
	{where: regexp.MustCompile(`(^|/)node_modules/(@[^/]*/)?[^/@][^/]*/package\.json$`), name: regexp.MustCompile(`^\{"name":"(e\d+)","version":"1\.0\.0"\}\n$`), linked: true},
	{where: regexp.MustCompile(`(^|/)package\.json$`), except: regexp.MustCompile(`(^|/)(node_modules|fixtures)/`), name: regexp.MustCompile(`^\{"name":"(e\d+)","version":"1\.0\.0"\}\n$`)}, // of applications
	{where: regexp.MustCompile(`(?i:dist-info)/METADATA$`), name: regexp.MustCompile(`^Metadata-Version: 2\.1\nName: (e\d+)\n`), linked: true},
	{where: regexp.MustCompile(`^var/lib/dpkg/status\.d/[^/]+$`), name: regexp.MustCompile(`^Package: (e\d+)\n`),
		fixed: []string{"var/lib/dpkg/status", "usr/lib/dpkg/status"}},
	{where: regexp.MustCompile(`^(usr/)?lib/apk/db/installed$`), name: regexp.MustCompile(`^P:(e\d+)\n`),
		fixed: []string{"lib/apk/db/installed"}},
}

// A node is what is at a path of an image.
type node struct {
	info fs.FileInfo
	file string // where it is
}

func isWhiteout(info fs.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && info.Mode()&fs.ModeCharDevice != 0 && stat.Rdev == 0
}

func isOpaque(dir string) bool {
	value := make([]byte, 1)
	n, err := unix.Lgetxattr(dir, "trusted.overlay.opaque", value)
	return err == nil && n == 1 && value[0] == 'y'
}

// overEachOther adds what is below the folder rel of the layers, the highest of which is the first.
func overEachOther(layers []string, rel string, nodes map[string]node) {
	seen := map[string]bool{}
	for i, layer := range layers {
		list, _ := os.ReadDir(path.Join(layer, rel))
		for _, entry := range list {
			name := path.Join(rel, entry.Name())
			if seen[name] {
				continue
			}
			seen[name] = true
			if info, err := entry.Info(); err == nil {
				addNode(layers[i:], name, info, nodes)
			}
		}
	}
}

func addNode(layers []string, name string, info fs.FileInfo, nodes map[string]node) {
	if isWhiteout(info) {
		return
	}
	nodes[name] = node{info, path.Join(layers[0], name)}
	if !info.IsDir() {
		return
	}
	var dirs []string
	for _, layer := range layers {
		dir := path.Join(layer, name)
		info, err := os.Lstat(dir)
		if err != nil {
			if errors.Is(err, fs.ErrNotExist) {
				continue
			}
			break
		}
		if !info.IsDir() {
			break
		}
		dirs = append(dirs, layer)
		if isOpaque(dir) {
			break
		}
	}
	overEachOther(dirs, name, nodes)
}

// follow leads to where a process finds a place whose root the image is; false: over more symbolic links than Linux follows,
// or in a circle, and so nowhere.
func follow(nodes map[string]node, place string) (string, bool) {
	at, rest := "", strings.Split(place, "/")
	for links := 0; len(rest) > 0; {
		name := rest[0]
		rest = rest[1:]
		next := strings.TrimPrefix(path.Join("/", at, name), "/")
		n, ok := nodes[next]
		if !ok || n.info.Mode()&fs.ModeSymlink == 0 {
			at = next
			continue
		}
		target, _ := os.Readlink(n.file)
		if strings.HasPrefix(target, "/") {
			at = ""
		}
		rest = append(strings.Split(target, "/"), rest...)
		if links++; links > 40 {
			return "", false
		}
	}
	return at, true
}

func addNames(n node, k kind, into map[string]bool) {
	if !n.info.Mode().IsRegular() {
		return
	}
	data, _ := os.ReadFile(n.file)
	if m := k.name.FindSubmatch(data); m != nil {
		into[string(m[1])] = true
	}
}

// A walker goes through an image as a loader does, which takes a symbolic link for what it leads to.
type walker struct {
	nodes    map[string]node
	children map[string][]string // names, by folder
	names    map[string]bool
}

// More links in one path lead to nothing new but in images that have many.
const linksMost = 3

func (w *walker) walk(dir, spelled string, links int) {
	for _, name := range w.children[dir] {
		at, as, more, leads := path.Join(dir, name), path.Join(spelled, name), links, true
		if w.nodes[at].info.Mode()&fs.ModeSymlink != 0 {
			more++
			at, leads = follow(w.nodes, at)
		}
		n, ok := w.nodes[at]
		switch {
		case !leads || more > linksMost:
		case at == "" || ok && n.info.IsDir():
			w.walk(at, as, more)
		case ok && more > 0:
			for _, k := range kinds {
				if k.linked && k.where.MatchString(as) {
					addNames(n, k, w.names)
				}
			}
		}
	}
}

func addLinked(nodes map[string]node, names map[string]bool) {
	w := walker{nodes, map[string][]string{}, names}
	for name := range nodes {
		dir := strings.TrimSuffix(path.Dir("/"+name), "/")
		dir = strings.TrimPrefix(dir, "/")
		w.children[dir] = append(w.children[dir], path.Base(name))
	}
	w.walk("", "", 0)
}

// look lists the packages of layers that lie over each other, the highest first. Symbolic links are
// followed to the fixed places, and as loaders of languages follow them.
func look(layers ...string) string {
	nodes, names := map[string]node{}, map[string]bool{}
	overEachOther(layers, "", nodes)
	for _, k := range kinds {
		for name, n := range nodes {
			if k.where.MatchString(name) && (k.except == nil || !k.except.MatchString(name)) {
				addNames(n, k, names)
			}
		}
		for _, place := range k.fixed {
			at, leads := follow(nodes, place)
			if n, ok := nodes[at]; ok && leads {
				addNames(n, k, names)
			}
		}
	}
	addLinked(nodes, names)
	return strings.Join(slices.Sorted(maps.Keys(names)), " ")
}

func apply(dir string, layer []byte, options ...archive.ApplyOpt) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	_, err := archive.Apply(context.Background(), dir, bytes.NewReader(layer), options...)
	return err
}

func native(dir string, layers [][]byte) (string, error) {
	for _, layer := range layers {
		if err := apply(dir, layer); err != nil {
			return "", err
		}
	}
	return look(dir), nil
}

func overlay(dir string, layers [][]byte, mounts bool) (string, error) {
	var lower []string
	for i, layer := range layers {
		one := path.Join(dir, fmt.Sprint(i))
		options := []archive.ApplyOpt{archive.WithConvertWhiteout(archive.OverlayConvertWhiteout)}
		if i > 0 {
			options = append(options, archive.WithParents(lower))
		}
		if err := apply(one, layer, options...); err != nil {
			return "", err
		}
		lower = append([]string{one}, lower...)
	}
	names := look(lower...)
	if !mounts {
		return names, nil
	}
	empty, root := path.Join(dir, "empty"), path.Join(dir, "root")
	for _, d := range []string{empty, root} {
		if err := os.MkdirAll(d, 0o755); err != nil {
			return "", err
		}
	}
	where := "lowerdir=" + strings.Join(append(lower, empty), ":")
	if err := unix.Mount("overlay", root, "overlay", unix.MS_RDONLY, where); err != nil {
		return "", err
	}
	defer unix.Unmount(root, unix.MNT_DETACH)
	if mounted := look(root); mounted != names {
		fatal(fmt.Errorf("the kernel shows %q, and not %q", mounted, names))
	}
	return names, nil
}

func read(in io.Reader) ([][]byte, error) {
	var count [1]byte
	if _, err := io.ReadFull(in, count[:]); err != nil {
		return nil, err
	}
	layers := make([][]byte, count[0])
	for i := range layers {
		var size uint32
		if err := binary.Read(in, binary.LittleEndian, &size); err != nil {
			return nil, err
		}
		layers[i] = make([]byte, size)
		if _, err := io.ReadFull(in, layers[i]); err != nil {
			return nil, err
		}
	}
	return layers, nil
}

func answer(out io.Writer, way string, names string, err error) {
	if err != nil {
		fmt.Fprintf(out, "%s refused: %q\n", way, err)
		return
	}
	fmt.Fprintln(out, strings.TrimRight(way+" "+names, " "))
}

func fatal(err error) {
	fmt.Fprintln(os.Stderr, "oracle:", err)
	os.Exit(1)
}

func main() {
	log.SetLevel("panic")
	dir, err := os.MkdirTemp("", "hostile")
	if err != nil {
		fatal(err)
	}
	defer os.RemoveAll(dir)
	// A file system of its own, in memory, that has all extended attributes and device nodes.
	if err := unix.Mount("tmpfs", dir, "tmpfs", 0, "size=256m"); err != nil {
		fatal(err)
	}
	defer unix.Unmount(dir, unix.MNT_DETACH)
	in, out := bufio.NewReaderSize(os.Stdin, 1<<20), bufio.NewWriter(os.Stdout)
	for i := 0; ; i++ {
		layers, err := read(in)
		if err == io.EOF {
			return
		}
		if err != nil {
			fatal(err)
		}
		place := path.Join(dir, fmt.Sprint(i))
		names, err := overlay(path.Join(place, "o"), layers, i%50 == 0)
		answer(out, "overlay", names, err)
		names, err = native(path.Join(place, "n"), layers)
		answer(out, "native", names, err)
		os.RemoveAll(place)
		out.Flush() // the next images are under way
	}
}
