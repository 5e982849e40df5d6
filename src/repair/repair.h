/* SPDX-License-Identifier: Apache-2.0 */
/*
 * repair.h - an image whose packages are brought up to date, as one more layer.
 *
 * Nothing of the image runs, and no daemon is asked. The package repositories that the image itself
 * names (or those that are given) are read and their signatures verified; a solver (libsolv) says
 * which packages replace which; their files, and the package manager's own records, become a layer
 * on top of the image, with whiteouts for what vanished. The same image and the same repositories
 * give the same digest.
 *
 * The law of the room: what repositories, packages and images say is parsed in workers; a byte of a
 * package counts only after its digest is that of a signed index; nothing is written to the
 * destination before all of it is known to be good. A package manager is a row of repair_managers
 * and a folder.
 *
 * Sources: Debian Policy, deb(5), deb-control(5), sources.list(5), the Debian repository format
 * (wiki.debian.org/DebianRepository/Format), dpkg(1); OCI image-spec, layer.md.
 */
#ifndef REPAIR_REPAIR_H
#define REPAIR_REPAIR_H

#include "codec/json.h"
#include "codec/regexp.h"
#include "http/http.h"
#include "inventory/inventory.h"
#include "oci/oci.h"

/* A finding that is to be repaired: a package of the distribution, and a version without it. */
struct repair_wanted {
	struct hm_str id;         /* "CVE-2026-1234" */
	struct hm_str name, arch; /* of the installed package; arch may be empty */
	struct hm_str fixed;      /* least version without it, of the package or its source; empty:
				     no fix is known */
	bool is_source_version;   /* .fixed is one of the source package */
	bool is_other;            /* no package of the distribution, but one of a language */
	struct hm_str purl;       /* of the package, as it was found; may be empty */
	struct hm_strs aliases;   /* other names of the vulnerability, as far as known */
	/* As a scanner's report has them: the package's purl, and its type; may be empty. */
	struct hm_str reported_purl, reported_type;
	/* Of one of a language: */
	struct hm_str type;      /* the purl's: "pypi"; empty: not known */
	struct hm_str installed; /* its version; empty: any */
	struct hm_strs paths; /* files that tell of it, without a leading '/'; empty: not known */
	struct hm_strs fixes; /* all versions with a fix that are named, one a branch */
};
struct repair_wanteds {
	struct repair_wanted *p;
	size_t n, cap;
};

/* --- what scanners report --- */

struct repair_report {
	const char *format; /* its row's name */
	struct repair_wanteds wanted;
	struct hm_str digest; /* of the image manifest, where the report names it */
	size_t no_package;    /* entries that name no package or no vulnerability */
	size_t suppressed;    /* entries that the scanner, or its user, has suppressed */
};
/* A format: a row and a file in reports/. Ended by a row without name. */
struct repair_report_format {
	const char *name; /* "Trivy JSON" */
	bool (*is)(struct json doc);
	HM_MUST hm_err (*read)(struct hm_cx *cx, struct json doc, struct repair_report *out);
};
extern const struct repair_report_format repair_report_formats[];
/* HM_INPUT: no format that is known, or a report that does not say what it found: it must not pass
 * for one that found nothing. HM_LIMIT. */
HM_MUST hm_err repair_report_read(struct hm_cx *cx, struct hm_str bytes, struct repair_report *out);

/* How far packages of languages may go: Copacetic's --library-patch-level. */
enum repair_level {
	REPAIR_MINOR, /* the same major version; of 0.x, too */
	REPAIR_PATCH, /* the same major and minor version */
	REPAIR_MAJOR, /* anywhere */
};
/* Of the new layer. */
enum repair_compression { REPAIR_AS_BASE /* as the base's last layer */, REPAIR_GZIP, REPAIR_ZSTD };

struct repair_options {
	struct http_client *http;
	enum repair_compression compression;
	struct hm_strs repositories;  /* URLs and folders to be asked instead of the image's own */
	struct hm_strs keyrings;      /* files with keys that sign them, besides the image's */
	struct hm_strs allow_scripts; /* packages whose scripts need not run */
	bool run_scripts;             /* what nobody here can follow is run in a container */
	bool ignore_pins;             /* what the image's apt_preferences(5) say */
	bool allow_expired;           /* a repository whose Valid-Until has passed */
	bool all;                     /* everything that is outdated, not only what is wanted */
	const struct repair_wanted *wanted;
	size_t wanted_n;
	bool no_os, no_library; /* packages that are left as they are (--pkg-types) */
	enum repair_level level;
	const struct inventory *inventory;   /* says what a distribution's package owns; or NULL */
	const struct oci_platform *platform; /* of an index; or NULL */
	struct hm_str base_name;             /* the image's name, for the label */
	int64_t now;                         /* seconds since 1970 */
	struct hm_progress *bar;             /* or NULL */
	bool plan_only;
	/* Folder that remembers how new each suite was; or NULL: an older one is refused. */
	const char *seen_dir;
	struct inventory_kept kept; /* what was found in layers, by their digest */
};

/* What a package's maintainer scripts would have done. */
enum repair_script {
	REPAIR_SCRIPT_NONE,    /* there is none, or it would do nothing */
	REPAIR_SCRIPT_DONE,    /* what it does is done here, or has no place in an image */
	REPAIR_SCRIPT_UNKNOWN, /* something else: refused unless allowed */
};

struct repair_change {
	struct hm_str name, arch;
	struct hm_str type, place; /* of a language: the purl's type, and where in the image */
	struct hm_str from, to;    /* versions; from empty: new, to empty: removed */
	struct hm_str source, source_version; /* of the new one */
	struct hm_str repository, path; /* where it was fetched: URL or folder, and below it */
	struct hm_str sha256;           /* hex, of the package */
	uint64_t size;
	enum repair_script script;
	struct hm_strs script_why; /* "postinst: systemctl": what it would have done */
};
struct repair_changes {
	struct repair_change *p;
	size_t n, cap;
};

/* What became of a finding. */
enum repair_outcome {
	REPAIR_FIXED,
	REPAIR_NO_FIX,      /* none is known */
	REPAIR_NOT_THERE,   /* the repositories have no such version */
	REPAIR_BLOCKED,     /* the solver, a held package, a script: see .why */
	REPAIR_NOT_HANDLED, /* not a package of the distribution */
	REPAIR_OUTCOMES
};
extern const char *const repair_outcome_names[REPAIR_OUTCOMES];
struct repair_finding {
	struct repair_wanted wanted;
	enum repair_outcome outcome;
	struct hm_str version; /* that is installed afterwards */
	struct hm_str why;     /* empty: fixed */
	struct hm_strs purls;  /* of what the patched image has of it, by whoever looked */
};

struct repair_result {
	const char *manager; /* "apt"; "none": no package of the distribution was looked at */
	struct oci_descriptor base,
		image;                /* manifests; image.digest empty: nothing was to be done */
	struct hm_str layer, diff_id; /* digests of the new layer */
	uint64_t layer_size;
	struct repair_changes changes; /* sorted by name */
	struct repair_finding *findings;
	size_t findings_n;
	struct hm_strs repositories; /* "URL SUITE (signed by FINGERPRINT, DATE)" */
	struct hm_strs notes;        /* what was passed over, and why */
	bool replaced_patch;         /* the image had been patched before: from its base again */
};

struct repair_ends {
	struct oci_place *from;
	const struct oci_descriptor *d;
	struct oci_place *to;
	struct hm_str tag;
	bool is_child; /* an index, or a tag, will name it: pushed by its digest alone */
};
/*
 * Patch the image behind `d`, and push the result under `tag` (empty: none). HM_DENIED: refused as
 * it stands (a script that is not allowed, a removal that would be needed). HM_TRUST: a signature,
 * a digest, a date. HM_ABSENT: a repository has not what it should. HM_INPUT: no package manager
 * that is known.
 */
HM_MUST hm_err repair_image(struct hm_cx *cx, const struct repair_options *o,
			    const struct repair_ends *ends, struct repair_result *out);

/* What became of an image of an index. */
struct repair_entry {
	struct oci_descriptor was, image; /* image.digest empty: it stays as it is */
};
/* An index like the one behind ends->d, of these images: those that stay are copied, the others are
 * there (is_child). Pushed as the ends say; *out is its descriptor. */
HM_MUST hm_err repair_index(struct hm_cx *cx, const struct repair_options *o,
			    const struct repair_ends *ends, const struct repair_entry *entries,
			    size_t n, struct oci_descriptor *out);

/* --- a newer base (rebase.c) --- */

struct repair_rebase {
	struct oci_place *from;             /* of the image */
	const struct oci_descriptor *image; /* an image manifest */
	struct oci_place *bases;            /* the repository that its base comes from */
	struct hm_str name;                 /* that repository's */
	struct oci_place *to;
	struct inventory_kept kept; /* as that of repair_options */
};
struct repair_rebased {
	struct hm_str was, is;       /* tags of the old base and the new one */
	struct hm_str base;          /* digest of the new one */
	struct oci_descriptor image; /* pushed by its digest alone; digest empty: it stays */
	struct hm_str why;           /* it stays */
};
/*
 * The image on a newer base: the layers of its base are replaced by those of another image of the
 * same repository, the image's own stay on top. Its base is what its manifest says
 * (org.opencontainers.image.base.digest, .name), or else the tag whose layers it begins with. Newer
 * is the same tag where it stands for another image now, and the greatest version with the same
 * first number and the same end ("12.4-slim": "12.9-slim"). It stays as it is where layers of its
 * own change what a package manager keeps (its records would be about files that are not there), or
 * the other is another release of a distribution. What the old base put into the configuration
 * (environment, labels) follows the new one where the image has not changed it.
 */
HM_MUST hm_err repair_rebase(struct hm_cx *cx, const struct repair_rebase *o,
			     struct repair_rebased *out);

/* --- many images: what Copacetic calls a PatchConfig (copa.sh/v1alpha1) --- */

enum repair_tags { REPAIR_TAGS_LIST, REPAIR_TAGS_PATTERN, REPAIR_TAGS_LATEST };
struct repair_fleet_image {
	struct hm_str name;  /* as people call it */
	struct hm_str image; /* a repository or a layout, without tag */
	enum repair_tags tags;
	struct hm_strs list;
	struct regexp pattern;
	struct hm_strs exclude;
	uint64_t most; /* how many tags a pattern may choose, the newest; 0: all */
	struct hm_strs platforms;
	struct hm_str registry; /* with the last part of the image's name: where patched images go;
				   empty: where they come from */
	struct hm_str tag;      /* of a patched image: a template of Go's with .SourceTag */
};
struct repair_fleet {
	struct repair_fleet_image *p;
	size_t n, cap;
};
/* HM_INPUT, with the image: no such document, or a key that is not known. HM_LIMIT. */
HM_MUST hm_err repair_fleet_read(struct hm_cx *cx, struct hm_str text, struct repair_fleet *out);
/*
 * Those of an image's tags that it means, oldest first. Versions with fewer numbers than three
 * count
 * ("20.04"), pre-releases do not; a pattern that matches no version takes its matches in the order
 * of their letters. `all` is not asked where the tags are listed.
 */
void repair_fleet_tags(struct hm_cx *cx, const struct repair_fleet_image *image,
		       const struct hm_strs *all, struct hm_strs *out);
/* Where the patched image of a tag goes, without tag, and its first tag. */
HM_MUST hm_err repair_fleet_target(struct hm_cx *cx, const struct repair_fleet_image *image,
				   struct hm_str tag, struct hm_str *out_place,
				   struct hm_str *out_tag);
/* Of the tags `first`, `first-1`, `first-2`... that are there the last (empty: there is none), and
 * the one after it. */
void repair_fleet_next(struct hm_cx *cx, struct hm_str first, const struct hm_strs *all,
		       struct hm_str *out_last, struct hm_str *out_next);

/* Jobs of workers, for main()'s table. */
HM_MUST hm_err repair_layer_job(struct hm_cx *cx, struct hm_str args, int in, struct hm_buf *out);
HM_MUST hm_err repair_solve_job(struct hm_cx *cx, struct hm_str args, int in, struct hm_buf *out);
HM_MUST hm_err repair_solve_load(struct hm_cx *cx);
HM_MUST hm_err repair_apk_signed_job(struct hm_cx *cx, struct hm_str args, int in,
				     struct hm_buf *out);
HM_MUST hm_err repair_apk_solve_job(struct hm_cx *cx, struct hm_str args, int in,
				    struct hm_buf *out);
HM_MUST hm_err repair_apk_package_job(struct hm_cx *cx, struct hm_str args, int in,
				      struct hm_buf *out);
HM_MUST hm_err repair_apk_scripts_job(struct hm_cx *cx, struct hm_str args, int in,
				      struct hm_buf *out);
HM_MUST hm_err repair_rpm_database_job(struct hm_cx *cx, struct hm_str args, int in,
				       struct hm_buf *out);
HM_MUST hm_err repair_rpm_head_job(struct hm_cx *cx, struct hm_str args, int in,
				   struct hm_buf *out);
HM_MUST hm_err repair_rpm_payload_job(struct hm_cx *cx, struct hm_str args, int in,
				      struct hm_buf *out);
HM_MUST hm_err repair_rpm_repomd_job(struct hm_cx *cx, struct hm_str args, int in,
				     struct hm_buf *out);
HM_MUST hm_err repair_rpm_scripts_job(struct hm_cx *cx, struct hm_str args, int in,
				      struct hm_buf *out);
HM_MUST hm_err repair_rpm_solve_job(struct hm_cx *cx, struct hm_str args, int in,
				    struct hm_buf *out);
HM_MUST hm_err repair_rpm_solve_load(struct hm_cx *cx);
HM_MUST hm_err repair_rpm_write_job(struct hm_cx *cx, struct hm_str args, int in,
				    struct hm_buf *out);
HM_MUST hm_err repair_script_job(struct hm_cx *cx, struct hm_str args, int in, struct hm_buf *out);
HM_MUST hm_err repair_layer_file_job(struct hm_cx *cx, struct hm_str args, int in,
				     struct hm_buf *out);
HM_MUST hm_err repair_java_check_job(struct hm_cx *cx, struct hm_str args, int in,
				     struct hm_buf *out);
HM_MUST hm_err repair_java_write_job(struct hm_cx *cx, struct hm_str args, int in,
				     struct hm_buf *out);
HM_MUST hm_err repair_java_jar_job(struct hm_cx *cx, struct hm_str args, int in,
				   struct hm_buf *out);
HM_MUST hm_err repair_java_plan_job(struct hm_cx *cx, struct hm_str args, int in,
				    struct hm_buf *out);
HM_MUST hm_err repair_npm_plan_job(struct hm_cx *cx, struct hm_str args, int in,
				   struct hm_buf *out);
HM_MUST hm_err repair_npm_package_job(struct hm_cx *cx, struct hm_str args, int in,
				      struct hm_buf *out);
HM_MUST hm_err repair_python_plan_job(struct hm_cx *cx, struct hm_str args, int in,
				      struct hm_buf *out);
HM_MUST hm_err repair_python_record_job(struct hm_cx *cx, struct hm_str args, int in,
					struct hm_buf *out);
HM_MUST hm_err repair_python_wheel_job(struct hm_cx *cx, struct hm_str args, int in,
				       struct hm_buf *out);
HM_MUST hm_err repair_container_job(struct hm_cx *cx, struct hm_str args, int in,
				    struct hm_buf *out);
HM_MUST hm_err repair_changes_job(struct hm_cx *cx, struct hm_str args, int in, struct hm_buf *out);
HM_MUST hm_err repair_deb_job(struct hm_cx *cx, struct hm_str args, int in, struct hm_buf *out);

#endif
