/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which distribution this is. Source: os-release(5). Where that file is not there, what else a
 * distribution writes its name or release into: Alpine's alpine-release and list of repositories
 * (apk-repositories(5)), Debian's debian_version, lsb-release (Linux Standard Base), and the
 * release files of Red Hat's kin. The merge knows which of several counts.
 */
#include "inventory/catalogers/common.h"

/* A name for a purl and a file: what os-release(5) allows in ID, and nothing else. */
static bool is_id(struct hm_str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!hm_is_alpha(s.p[i]) && !hm_is_digit(s.p[i]) && !memchr("._-", s.p[i], 3))
			return false;
	return s.n > 0;
}

static hm_err add_release(struct hm_cx *cx, struct inventory_builder *b, const char *id,
			  struct hm_str version)
{
	struct inventory_distro d = { .id = hm_cstr(id), .version_id = version };
	return inventory_add_distro(cx, b, &d);
}

/* "3.18.2" */
static hm_err read_alpine_release(struct hm_cx *cx, struct hm_str text, struct inventory_builder *b)
{
	struct hm_str version = hm_trim(hm_line(&text));
	return version.n && hm_is_digit(*version.p) && is_id(version)
		       ? add_release(cx, b, "alpine", version)
		       : NULL;
}

/* "https://HOST/alpine/v3.18/main": the release is a part of the path. A line with a tag ("@edge")
 * is only for packages that ask for it. */
static struct hm_str alpine_branch(struct hm_str url)
{
	while (url.n) {
		struct hm_str part = hm_cut(&url, '/');
		if (part.n > 1 && *part.p == 'v' && hm_is_digit(part.p[1]) && is_id(part))
			return hm_from(part, 1);
		if (hm_eqz(part, "edge") || hm_eqz(part, "latest-stable"))
			return part;
	}
	return HM_STR("");
}

static hm_err read_repositories(struct hm_cx *cx, struct hm_str text, struct inventory_builder *b)
{
	static const struct {
		const char *part, *id;
	} rolling[] = {
		{ "packages.wolfi.dev/", "wolfi" },
		{ "apk.cgr.dev/", "chainguard" },
		{ "packages.cgr.dev/", "chainguard" },
	};
	struct hm_str first = HM_STR("");
	while (text.n) {
		struct hm_str url = hm_trim(hm_line(&text));
		if (!url.n || *url.p == '#' || *url.p == '@')
			continue;
		for (size_t i = 0; i < HM_LEN(rolling); i++)
			if (hm_find(url, hm_cstr(rolling[i].part)) != SIZE_MAX)
				return add_release(cx, b, rolling[i].id, HM_STR(""));
		struct hm_str branch = alpine_branch(url);
		bool is_main = hm_ends(url, HM_STR("/main")) || hm_ends(url, HM_STR("/main/"));
		if (branch.n && (!first.n || is_main))
			first = branch;
		if (branch.n && is_main)
			break;
	}
	return first.n ? add_release(cx, b, "alpine", first) : NULL;
}

/* "12.5", or of what is to be released "trixie/sid". */
static hm_err read_debian_version(struct hm_cx *cx, struct hm_str text, struct inventory_builder *b)
{
	struct hm_str word = hm_trim(hm_line(&text)), name = hm_cut(&word, '/'), id, release;
	if (!is_id(name))
		return NULL;
	inventory_distro_parse(name, HM_STR("debian"), &id, &release);
	return release.n && hm_eqz(id, "debian") ? add_release(cx, b, "debian", release) : NULL;
}

static hm_err read_lsb_release(struct hm_cx *cx, struct hm_str text, struct inventory_builder *b)
{
	struct inventory_distro d = { 0 };
	while (text.n) {
		struct hm_str value = hm_line(&text), key = hm_trim(hm_cut(&value, '='));
		value = inventory_unquote(cx, value);
		if (hm_eqz(key, "DISTRIB_ID"))
			d.id = hm_lower(cx, value);
		else if (hm_eqz(key, "DISTRIB_RELEASE"))
			d.version_id = value;
		else if (hm_eqz(key, "DISTRIB_CODENAME"))
			d.version_codename = value;
		else if (hm_eqz(key, "DISTRIB_DESCRIPTION"))
			d.name = value;
	}
	return is_id(d.id) && d.version_id.n ? inventory_add_distro(cx, b, &d) : NULL;
}

/* "CentOS release 6.10 (Final)", "Red Hat Enterprise Linux Server release 7.9 (Maipo)" */
static hm_err read_redhat_release(struct hm_cx *cx, struct hm_str text, struct inventory_builder *b)
{
	static const struct {
		const char *head, *id;
	} names[] = {
		{ "CentOS", "centos" },          { "Red Hat Enterprise Linux", "rhel" },
		{ "AlmaLinux", "almalinux" },    { "Rocky Linux", "rocky" },
		{ "Oracle Linux Server", "ol" }, { "Fedora", "fedora" },
		{ "Amazon Linux", "amzn" },
	};
	struct hm_str line = hm_trim(hm_line(&text)), version = line;
	hm_cut_str(&version, HM_STR(" release "));
	version = hm_cut(&version, ' ');
	for (size_t i = 0; version.n && hm_is_digit(*version.p) && i < HM_LEN(names); i++)
		if (hm_starts(line, hm_cstr(names[i].head)) && is_id(version))
			return add_release(cx, b, names[i].id, version);
	return NULL;
}

static hm_err read_os_release(struct hm_cx *cx, const struct inventory_file *file,
			      struct inventory_builder *b)
{
	struct inventory_distro d = { 0 };
	struct hm_str text = file->bytes, build = { 0 };

	while (text.n) {
		struct hm_str value = hm_line(&text);
		struct hm_str key = hm_trim(hm_cut(&value, '='));
		value = inventory_unquote(cx, value);
		if (hm_eqz(key, "ID"))
			d.id = value;
		else if (hm_eqz(key, "VERSION_ID"))
			d.version_id = value;
		else if (hm_eqz(key, "VERSION_CODENAME"))
			d.version_codename = value;
		else if (hm_eqz(key, "PRETTY_NAME"))
			d.name = value;
		else if (hm_eqz(key, "NAME") && !d.name.n)
			d.name = value;
		else if (hm_eqz(key, "ID_LIKE"))
			d.id_like = value;
		else if (hm_eqz(key, "BUILD_ID"))
			build = value;
	}
	if (!d.version_id.n) /* rolling distributions number their builds */
		d.version_id = build;
	if (!is_id(d.id))
		return d.id.n || d.name.n
			       ? inventory_add_unknown(cx, b, HM_STR(""),
						       HM_STR("os-release: it has no valid ID"))
			       : NULL;
	return inventory_add_distro(cx, b, &d);
}

INVENTORY_PARSE(os_release)
{
	static const struct {
		const char *tail;
		hm_err (*read)(struct hm_cx *cx, struct hm_str text, struct inventory_builder *b);
	} others[] = {
		{ "/alpine-release", read_alpine_release },
		{ "/repositories", read_repositories },
		{ "/debian_version", read_debian_version },
		{ "/lsb-release", read_lsb_release },
		{ "/redhat-release", read_redhat_release },
		{ "/centos-release", read_redhat_release },
		{ "/system-release", read_redhat_release },
	};
	for (size_t i = 0; i < HM_LEN(others); i++)
		if (hm_ends(file->path, hm_cstr(others[i].tail)))
			return others[i].read(cx, file->bytes, b);
	return read_os_release(cx, file, b);
}
