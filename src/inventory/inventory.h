/* SPDX-License-Identifier: Apache-2.0 */
/*
 * inventory.h - what is in an image or a folder: components, where each came from, and the SBOM
 * formats that say so.
 *
 * The law of the room: a cataloger knows one package database or file format. It is a function from
 * the bytes of one file to components; it opens nothing, logs nothing, keeps nothing, and runs in a
 * sandboxed worker. A new format is one file in catalogers/ and one line in its table.
 */
#ifndef INVENTORY_INVENTORY_H
#define INVENTORY_INVENTORY_H

#include "base/base.h"
#include "oci/oci.h"

/* --- types of packages: one row a purl type --- */

enum inventory_type_rule {
	INVENTORY_OS = 1 << 0,    /* of a distribution: purls have arch, distro and upstream */
	INVENTORY_EPOCH = 1 << 1, /* the epoch is a qualifier of the purl, no part of its version */
	INVENTORY_SOURCE_FILE = 1 << 2, /* "upstream" is the file name of a source package; without
					   this rule a purl without it is its own source */
	INVENTORY_VENDOR_SUPPLIES = 1 << 3, /* its supplier is an organization */
	INVENTORY_MODULES = 1 << 4,         /* streams of one package lie side by side */
	INVENTORY_LINKED_LICENCES = 1 << 5, /* its licences may be those of another package of the
					       same source (Debian Policy 12.3) */
	INVENTORY_LOWER_NAMESPACE = 1 << 6, /* in a purl */
	INVENTORY_LOWER_NAME = 1 << 7,      /* in a purl */
	INVENTORY_DASH_NAME = 1 << 8,       /* '_' of a name is '-' in a purl */
	INVENTORY_PATH_NAME = 1 << 9,       /* the component's name holds the namespace, too */
	INVENTORY_GO_LIBRARY = 1 << 10,     /* version "go1.22.3" of "stdlib" is 1.22.3 in a purl */
	INVENTORY_SCOPE = 1 << 11,          /* the namespace is a part of the name in documents */
	INVENTORY_GROUP =
		1 << 12, /* people say the namespace with the name, CycloneDX has it as group
			  */
	INVENTORY_GUESSED_GROUP = 1 << 13, /* the namespace of an installed one may be a guess */
	INVENTORY_KEY_PEP503 = 1 << 14,    /* names are compared as PyPI does */
	INVENTORY_KEY_LOWER = 1 << 15,     /* names are compared without case */
};

struct inventory_type {
	const char *name; /* "npm" */
	unsigned rules;   /* enum inventory_type_rule */
	char join;        /* between namespace and name, as advisories have it; '\0': the namespace
			     counts for nothing */
	const char *ecosystem;      /* of OSV; NULL: none, or one a distribution */
	const char *version_scheme; /* its name (advisory.h); NULL: versions cannot be ordered */
	/* The namespace of a distribution's packages, by its os-release ID; NULL: that ID. */
	struct hm_str (*vendor)(struct hm_str distribution);
};
extern const struct inventory_type inventory_types[]; /* ended by a row without name */
/* An unknown type, or ecosystem, is that last row: it has no rules. */
const struct inventory_type *inventory_type_of(struct hm_str name);
const struct inventory_type *inventory_type_of_ecosystem(struct hm_str ecosystem);
bool inventory_type_has(struct hm_str name, enum inventory_type_rule rule);
/* A name as it is compared with others of its type: PyPI's by PEP 503; Go's without case, which
 * purls lose (two modules that differ in it alone are one to proxies that must store them). */
struct hm_str inventory_type_key(struct hm_cx *cx, const struct inventory_type *type,
				 struct hm_str name);

/* --- the component model --- */

enum inventory_evidence { INVENTORY_INSTALLED, INVENTORY_DECLARED };

struct inventory_location {
	struct hm_str path;  /* without a leading '/' */
	struct hm_str layer; /* digest of the compressed layer; empty for folders */
};

struct inventory_component {
	struct hm_str type;          /* the purl's: a row of inventory_types, or another */
	struct hm_str namespace;     /* purl namespace: "debian", "@scope", a Maven group; empty for
					golang */
	struct hm_str name, version; /* as the source states them; version may be empty (unpinned).
					rpm: the version is "[epoch:]version-release"; golang: the
					name is the whole module path, the version has its 'v', the
					standard library is "stdlib" */
	struct hm_str arch;          /* OS packages */
	struct hm_str source_name, source_version; /* OS packages: what it was built from */
	struct hm_str distro; /* "debian-12", "alpine-3.18.2", ...: purl qualifier; OS packages */
	struct hm_str purl;   /* canonical; made by inventory_purl() */
	struct hm_str
		range; /* unpinned requirement as written ("^1.2", ">=2"); then version is empty */
	struct hm_strs licenses; /* as stated */
	struct hm_str supplier;  /* maintainer, as stated */
	struct hm_str homepage, description;
	struct hm_strs
		hashes; /* "sha256:hex", "sha1:hex", "sha512:..." of the package, where stated */
	struct hm_strs depends;  /* names or purls as the source states them, resolved into edges */
	struct hm_strs provides; /* OS packages: further names that `depends` of others may mean */
	struct inventory_location *locations;
	size_t locations_n, locations_cap;
	enum inventory_evidence evidence;
	struct hm_str cataloger; /* "dpkg", "npm-installed", ... */
	struct hm_str
		owner; /* purl of the OS package that owns this one's files; not matched twice */
	struct hm_str origin; /* where it comes from, where that is not the registry of its type:
				 "git+https://...", "file:...", a URL */
	bool dev;             /* development only, where the lock file says so */
	bool main_module;     /* golang: the program itself, not what it was built from */
	bool group_guessed;   /* maven: nothing states the group, and `namespace` is only likely */
};

struct inventory_edge {
	uint32_t from, to; /* indices of components: from depends on to */
};

struct inventory_distro {
	struct hm_str id, version_id, version_codename, name, id_like; /* os-release(5) */
};

/* Unknown content: a file, or an archive within one, that may hold packages and could not be read.
 * The inventory is not complete where there is any. */
struct inventory_unknown {
	struct hm_str path;   /* as of a location, with "!/" before what lies in an archive; empty:
				 it is no file (a package of an SBOM) */
	struct hm_str layer;  /* digest of the compressed layer; empty for folders */
	struct hm_str reason; /* a sentence */
};

struct inventory_unknowns {
	struct inventory_unknown *p;
	size_t n, cap;
};

struct inventory {
	struct inventory_component
		*components; /* sorted by type, namespace, name, version, purl, path */
	size_t n, cap;
	struct inventory_edge *edges; /* sorted, unique */
	size_t edges_n, edges_cap;
	struct inventory_distro distro;
	struct hm_str target; /* as the user gave it */
	struct hm_str name;   /* of the document: repository or folder */
	struct hm_str digest; /* of the image manifest; empty for folders */
	struct hm_str index;  /* digest of the index that named it, where it was found by one */
	struct hm_str media_type;
	struct oci_platform platform;
	struct hm_strs layers;             /* compressed digests in order */
	struct inventory_unknowns unknown; /* sorted by path, reason, layer; unique */
};

/* "@scope/name" of npm, "group:artifact" of Maven, the name of all others: as its users write
 * it. */
struct hm_str inventory_component_name(struct hm_cx *cx, const struct inventory_component *c);
/* "locations": an array of objects with path and, in an image, layer. */
void inventory_put_locations(struct json_out *o, const struct inventory_component *c);
/* An array of objects with path, layer (in an image) and reason. */
void inventory_put_unknown(struct json_out *o, const char *key,
			   const struct inventory_unknowns *unknown);
/* "path: reason". */
struct hm_str inventory_unknown_text(struct hm_cx *cx, const struct inventory_unknown *u);
/* Into the order of struct inventory, each once. */
void inventory_unknown_sort(struct inventory_unknowns *unknown);

/* pkg:type/namespace/name@version?qualifiers, by the purl specification's rules for the type. */
struct hm_str inventory_purl(struct hm_cx *cx, const struct inventory_component *c);
/* The parts of a purl (decoded), for SBOMs that are read. HM_INPUT. */
HM_MUST hm_err inventory_purl_parse(struct hm_cx *cx, struct hm_str purl,
				    struct inventory_component *out);

/* Releases by the names that people and tools give them; ended by a row without id. */
struct inventory_codename {
	const char *id, *codename, *release; /* "debian", "bookworm", "12" */
};
extern const struct inventory_codename inventory_codenames[];
/*
 * What a purl's "distro" names: the os-release ID of the distribution and its release, which is
 * empty where none is named. `namespace`, the purl's namespace, is the distribution where only a
 * release stands there. Slices of the arguments, or constants.
 */
void inventory_distro_parse(struct hm_str distro, struct hm_str namespace, struct hm_str *out_id,
			    struct hm_str *out_release);

/* --- making one --- */

struct inventory_options {
	const struct oci_platform *platform; /* or NULL */
	const char
		*cache_dir; /* what was found in layers, by their digest; NULL: nothing is kept */
	bool progress;
};

/*
 * What another room found in a layer, kept in the same folder. What it is used for may be more than
 * a report (a patch believes the keyrings of its base), so it is sealed by a secret that lies apart
 * from the cache: one that was restored from elsewhere, or that others can write to, is not
 * believed. `key` says all that the answer depends on: the layer's digest, what was asked, and of
 * which program. *out is empty where nothing whole is kept under it. A folder that cannot be
 * written is no fault.
 */
struct inventory_kept {
	const char *dir;    /* of the cache; NULL: nothing is kept */
	const char *secret; /* "SECRET.seed" has it, and is made when it is missing */
};
HM_MUST hm_err inventory_kept_get(struct hm_cx *cx, const struct inventory_kept *k,
				  struct hm_str key, struct hm_str *out);
void inventory_kept_put(struct hm_cx *cx, const struct inventory_kept *k, struct hm_str key,
			struct hm_str answer);

/* Of an opened image, a folder (dir:), one file such as a lock file or a jar (file:; HM_INPUT:
 * nothing in it tells of packages), or the bytes of an SBOM (sbom:). */
HM_MUST hm_err inventory_of_image(struct hm_cx *cx, struct oci_place *p,
				  const struct oci_descriptor *d, const struct inventory_options *o,
				  struct inventory *out);
HM_MUST hm_err inventory_of_dir(struct hm_cx *cx, const char *path,
				const struct inventory_options *o, struct inventory *out);
HM_MUST hm_err inventory_of_file(struct hm_cx *cx, const char *path,
				 const struct inventory_options *o, struct inventory *out);
HM_MUST hm_err inventory_of_sbom(struct hm_cx *cx, struct hm_str bytes, struct inventory *out);

/* --- formats --- */

struct inventory_format {
	const char *name;       /* "spdx-json" */
	const char *media_type; /* as an artifact: "application/spdx+json" */
	HM_MUST hm_err (*write)(struct hm_cx *cx, const struct inventory *inv, struct hm_buf *out);
	/* Is this a document of the format? and its reader. */
	bool (*is)(struct json doc);
	HM_MUST hm_err (*read)(struct hm_cx *cx, struct json doc, struct inventory *out);
};
extern const struct inventory_format
	inventory_formats[]; /* spdx-json, cyclonedx-json; ended by a row without name */

/* --- jobs of the sandboxed worker: rows for main()'s table --- */
hm_err inventory_layer_job(struct hm_cx *cx, struct hm_str args, int in, struct hm_buf *out);
hm_err inventory_sbom_job(struct hm_cx *cx, struct hm_str args, int in, struct hm_buf *out);

/* --- Java archives, for who replaces them; in a worker --- */

/* A dependency of a pom.xml (the POM reference), with its properties filled in. */
struct inventory_requirement {
	struct hm_str group, artifact, version, scope, type, classifier, optional;
	bool is_unclear; /* a property that another file has; what it is in is empty */
};
struct inventory_requirements {
	struct inventory_requirement *p;
	size_t n, cap;
};
struct inventory_pom {
	struct hm_str group, artifact, version; /* the parent's where it has none */
	struct hm_str parent_group, parent_artifact, parent_version;
	struct inventory_requirements requires, managed;
};
/* What cannot be read is left out. Slices of `text`, or of the arena. */
void inventory_pom_read(struct hm_cx *cx, struct hm_str text, struct inventory_pom *out);

/* A jar, war or the like, as catalogers identify it. */
struct inventory_archive {
	struct hm_str group, artifact, version;
	bool is_stated; /* by a pom of its own; else by its name, its manifest and its place */
	bool group_guessed;
	struct hm_str pom;         /* its own pom.xml; empty: there is none */
	struct hm_strs parts;      /* "group:artifact:version" of what was merged into it */
	struct hm_strs class_path; /* of its manifest */
	struct hm_strs inner;      /* entries that are archives */
};
bool inventory_is_archive(struct hm_str path);
/* `path` may tell what it is. HM_INPUT, HM_LIMIT. */
HM_MUST hm_err inventory_archive_read(struct hm_cx *cx, struct hm_str path, struct hm_str bytes,
				      struct inventory_archive *out);
/* "log4j-core-2.17.1-sources.jar": its artifact and version (which may be empty). */
void inventory_archive_name(struct hm_str file, struct hm_str *out_artifact,
			    struct hm_str *out_version);

/* --- databases of rpm, for who changes them; in a worker --- */

/* Who takes the header of each package, in the database's own order; the bytes are good only
 * during the call. */
struct inventory_rpm_sink {
	hm_err (*add)(struct hm_cx *cx, void *arg, struct hm_str header);
	void *arg;
};
/* What is in `db` with its write-ahead log, which may be empty: `db` itself, or a copy. HM_INPUT.
 */
HM_MUST hm_err inventory_rpm_database(struct hm_cx *cx, struct hm_str db, struct hm_str wal,
				      struct hm_str *out);
/* SQLite, NDB, or a hash table of Berkeley DB. HM_INPUT: it is none of these, or damaged. */
HM_MUST hm_err inventory_rpm_headers(struct hm_cx *cx, struct hm_str db,
				     struct inventory_rpm_sink to);

#endif
