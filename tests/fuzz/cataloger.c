/* SPDX-License-Identifier: Apache-2.0 */
/* The first byte chooses the cataloger, the others are its file; from 0xc0 on the file and its
 * part, the length of the part before both. Whatever is found has a name and a type, and a purl
 * that can be read. */
#include "inventory/cataloger.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *path_of(const struct inventory_cataloger *c, size_t size)
{
	if (strcmp(c->name, "dpkg") == 0)
		return size % 3 == 0   ? "var/lib/dpkg/status"
		       : size % 3 == 1 ? "var/lib/dpkg/status.d/a.md5sums"
				       : "var/lib/dpkg/info/a:amd64.list";
	if (strcmp(c->name, "python-installed") == 0 && size % 2)
		return "site-packages/a-1.0-py3.6.egg";
	if (strcmp(c->name, "os-release") == 0)
		return size % 5 == 0   ? "etc/os-release"
		       : size % 5 == 1 ? "etc/apk/repositories"
		       : size % 5 == 2 ? "etc/redhat-release"
		       : size % 5 == 3 ? "etc/lsb-release"
				       : "etc/alpine-release";
	if (c->part)
		return size % 2 ? "var/lib/rpm/rpmdb.sqlite" : "var/lib/rpm/rpmdb.sqlite-wal";
	return strcmp(c->name, "java") == 0 ? "opt/a-1.0.jar" : "a/package.json";
}

/* A row that reads files with a part. */
static const struct inventory_cataloger *with_part(void)
{
	const struct inventory_cataloger *row = inventory_catalogers;
	while (!row->part)
		row++;
	return row;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	HM_AUTO_CX cx = HM_CX(64 * HM_MIB);
	struct inventory_findings f;
	size_t rows = 0;
	while (inventory_catalogers[rows].name)
		rows++;
	if (!size)
		return 0;
	const struct inventory_cataloger *row = &inventory_catalogers[data[0] % rows];
	/* copies with a NUL behind, as readers of layers give them */
	struct hm_str bytes = hm_bytes(data + 1, size - 1);
	struct inventory_file file = { .path = hm_cstr(path_of(row, size)),
				       .bytes = hm_dup(&cx, bytes) };
	if (data[0] >= 0xc0) {
		struct hm_cur c = hm_cur(bytes);
		size_t part = (size_t)hm_le(&c, 4);
		row = with_part();
		file.path = HM_STR("var/lib/rpm/rpmdb.sqlite");
		file.part = hm_dup(&cx, hm_sub(bytes, 4, part < c.n ? part : c.n));
		file.bytes = hm_dup(&cx, hm_from(bytes, 4 + file.part.n));
	}
	if (inventory_catalog(&cx, row, &file, &f))
		return 0;
	for (size_t i = 0; i < f.components.n; i++) {
		struct inventory_component *c = &f.components.p[i], back;
		struct inventory_distro distro = { .id = HM_STR("debian"),
						   .version_id = HM_STR("12") };
		if (!c->type.n || !c->name.n || inventory_component_finish(&cx, c, &distro))
			__builtin_trap();
		/* a NUL byte is not accepted back, and a name of slashes is none */
		if (hm_find(c->purl, HM_STR("%00")) == SIZE_MAX &&
		    hm_find_char(c->name, '/') == SIZE_MAX && c->name.n < 1000 &&
		    inventory_purl_parse(&cx, c->purl, &back))
			__builtin_trap();
	}
	return 0;
}
