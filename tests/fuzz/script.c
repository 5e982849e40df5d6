/* SPDX-License-Identifier: Apache-2.0 */
/* A maintainer script is followed: it ends, and nothing that it does leads out of the image. */
#include "repair/apt/script.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void add_node(struct hm_cx *cx, struct repair_root *r, const char *path, enum tar_type type)
{
	struct repair_node *n = hm_new(cx, struct repair_node, 1);
	n->path = hm_cstr(path);
	n->type = type;
	n->mode = 0755;
	n->link = type == TAR_SYMLINK ? HM_STR("../etc") : HM_STR("");
	n->is_kept = type == TAR_FILE;
	n->content = n->is_kept ? HM_STR("one\ntwo three\n") : HM_STR("");
	n->size = n->content.n;
	hm_map_put(cx, &r->nodes, n->path, n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	HM_AUTO_CX cx = HM_CX(64 * HM_MIB);
	struct repair_root root = { .top = hm_new(&cx, struct repair_node, 1) };
	struct script_host host = { .native = HM_STR("amd64") };
	struct script_call call = { .package = HM_STR("x"),
				    .arch = HM_STR("amd64"),
				    .script = HM_STR("postinst"),
				    .action = HM_STR("configure"),
				    .version = HM_STR("1.0-1"),
				    .has_version = true,
				    .stage = SHELL_AFTER,
				    .text = hm_bytes(data, size) };
	struct shell sh = { 0 };
	if (size > 4000)
		return 0;
	root.top->type = TAR_DIR;
	root.top->mode = 0755;
	add_node(&cx, &root, "etc", TAR_DIR);
	add_node(&cx, &root, "etc/x", TAR_FILE);
	add_node(&cx, &root, "var", TAR_SYMLINK);
	if (repair_script_follow(&cx, &root, &host, &call, &sh))
		return 0;
	for (size_t i = 0; i < sh.effects.n; i++) {
		struct hm_str path;
		if (tar_clean_path(&cx, sh.effects.p[i].path, &path))
			__builtin_trap();
	}
	if (sh.is_unknown && (sh.effects.n || !sh.unknown.n))
		__builtin_trap();
	return 0;
}
