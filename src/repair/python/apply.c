/* SPDX-License-Identifier: Apache-2.0 */
/* Wheels into the layer, as pip installs them, and what they replace out of the image. */
#include "base/worker.h"
#include "base/worker_flow.h"
#include "codec/base64.h"
#include "codec/stream.h"
#include "repair/python/python.h"

struct applying {
	struct repair_language_run *l;
	const struct python_planned *p;
	struct repair_layer *layer;
	struct hm_map owners; /* path -> struct python_installed, of those that stay */
	struct repair_vanish vanish;
};

/* One wheel on its way. */
struct installing {
	struct applying *a;
	const struct python_choice *choice;
	const struct python_installed *old;
	struct hm_str site, base; /* base: "usr/local"; empty: not known */
	struct hm_str info;       /* "name-2.0.dist-info" */
	uint32_t uid, gid;
	struct python_entries rows;
	struct hm_buf metadata; /* of the wheel, as it comes */
	/* The entry that is open. */
	struct wheel_entry e;
	struct hm_str path; /* in the image */
	bool is_open, into_layer;
	struct hm_buf buffer;
	struct crypto_hash hash;
	uint64_t got;
	int fd;
	int64_t newest;
};

static void installing_done(struct installing *i)
{
	hm_buf_done(&i->metadata);
	hm_buf_done(&i->buffer);
	crypto_hash_done(&i->hash);
	hm_close_fd(&i->fd);
}

static hm_err damaged(struct hm_cx *cx)
{
	return hm_fail(cx, HM_INPUT, "the reader of a wheel answered in no known form");
}

/* ------------------------------------------------------------------ one file */

static struct hm_str hash_text(struct hm_cx *cx, struct crypto_hash *h)
{
	uint8_t digest[CRYPTO_DIGEST_MAX];
	size_t n = crypto_hash_end(h, digest);
	struct hm_str text = base64_format(cx, BASE64_URL_RAW, hm_bytes(digest, n));
	return hm_fmt(cx, "sha256=%.*s", HM_FMT(text));
}

/* As os.path.relpath() has it: from the folder of packages. */
static struct hm_str relative_path(struct hm_cx *cx, struct hm_str site, struct hm_str path)
{
	struct hm_str at = site, ups = HM_STR("");
	while (at.n && !hm_starts(path, hm_fmt(cx, "%.*s/", HM_FMT(at)))) {
		ups = hm_fmt(cx, "../%.*s", HM_FMT(ups));
		at = hm_dirname(at);
	}
	return hm_fmt(cx, "%.*s%.*s", HM_FMT(ups), HM_FMT(hm_from(path, at.n ? at.n + 1 : 0)));
}

static void add_row(struct hm_cx *cx, struct installing *i, struct hm_str path, struct hm_str hash,
		    uint64_t size)
{
	*hm_push(cx, &i->rows) =
		(struct python_entry){ relative_path(cx, i->site, path), hash,
				       hm_fmt(cx, "%llu", (unsigned long long)size) };
}

/* Nobody else's, and no folder. */
static hm_err claim(struct hm_cx *cx, struct installing *i, struct hm_str path, struct hm_str *out)
{
	const struct python_installed *owner = hm_map_get(&i->a->owners, path);
	HM_TRY(repair_path_check(cx, path));
	if (owner)
		return hm_fail(cx, HM_DENIED, "\"/%.*s\" belongs to %.*s", HM_FMT(path),
			       HM_FMT(hm_basename(owner->folder)));
	HM_TRY(repair_vanish_keep(cx, &i->a->vanish, path));
	return repair_root_place(cx, &i->a->l->run->root, path, out);
}

static struct tar_entry entry_of(const struct installing *i, struct hm_str place, bool is_program)
{
	return (struct tar_entry){ .path = place,
				   .type = TAR_FILE,
				   .mode = is_program ? 0755 : 0644,
				   .uid = i->uid,
				   .gid = i->gid,
				   .mtime = i->newest };
}

static hm_err put_file(struct hm_cx *cx, struct installing *i, struct hm_str path,
		       struct hm_str bytes, bool is_program)
{
	CRYPTO_AUTO_HASH h = { 0 };
	struct hm_str place;
	HM_TRY(claim(cx, i, path, &place));
	struct tar_entry e = entry_of(i, place, is_program);
	crypto_hash_start(&h, CRYPTO_SHA256);
	crypto_hash_add(&h, bytes);
	add_row(cx, i, path, hash_text(cx, &h), bytes.n);
	return repair_layer_file(cx, i->a->layer, &e, bytes);
}

/* ------------------------------------------------------------------ scripts */

static struct hm_str bin_of(struct hm_cx *cx, const struct installing *i)
{
	return hm_fmt(cx, "%.*s/bin", HM_FMT(i->base));
}

static const struct repair_node *script_at(const struct installing *i, struct hm_str path)
{
	const struct repair_node *n = repair_root_at(&i->a->l->run->root, path);
	return n && n->type == TAR_FILE && n->is_kept && repair_python_script_head(n->content).n
		       ? n
		       : NULL;
}

/* A script that an installer made: of this distribution, else of one beside it. */
static const struct repair_node *find_script(struct hm_cx *cx, const struct installing *i)
{
	struct hm_str bin = bin_of(cx, i), text;
	for (size_t k = 0; k <= i->a->p->q.dists.n; k++) {
		const struct python_installed *d = k ? &i->a->p->installed[k - 1] : i->old;
		for (size_t f = 0; f < d->files.n; f++) {
			const struct repair_node *n = hm_eq(hm_dirname(d->files.p[f]), bin)
							      ? script_at(i, d->files.p[f])
							      : NULL;
			if (n && repair_python_script(cx, n->content, HM_STR("a:b"), &text))
				return n;
		}
	}
	return NULL;
}

static hm_err script_text(struct hm_cx *cx, const struct installing *i, struct hm_str entry,
			  struct hm_str *out)
{
	static const char form[] = "# -*- coding: utf-8 -*-\nimport re\nimport sys\n"
				   "from a import b\nif __name__ == '__main__':\n"
				   "    sys.argv[0] = re.sub(r'(-script\\.pyw|\\.exe)?$', '', "
				   "sys.argv[0])\n    sys.exit(b())\n";
	const struct repair_node *like = find_script(cx, i);
	struct hm_str python = hm_fmt(cx, "%.*s/bin/python3", HM_FMT(i->base));
	struct hm_str text = like ? like->content : hm_fmt(cx, "#!/%.*s\n%s", HM_FMT(python), form);
	if (!like && !repair_root_at(&i->a->l->run->root, python))
		return hm_fail(cx, HM_DENIED, "nothing says which Python its commands are for");
	if (!repair_python_script(cx, text, entry, out))
		return hm_fail(cx, HM_INPUT, "\"%.*s\" is not an entry point", HM_FMT(entry));
	return NULL;
}

/* A file of the wheel's own: "#!python" stands for the interpreter. */
static hm_err put_script(struct hm_cx *cx, struct installing *i)
{
	struct hm_str bytes = hm_buf_str(&i->buffer), rest = bytes;
	struct hm_str line = hm_line(&rest), text;
	if (hm_starts(line, HM_STR("#!python"))) {
		HM_TRY(script_text(cx, i, HM_STR("a:b"), &text));
		bytes = hm_fmt(cx, "%.*s%.*s", HM_FMT(repair_python_script_head(text)),
			       HM_FMT(rest));
	}
	return put_file(cx, i, i->path, bytes, true);
}

/* One that would be the same again stays as it is. */
static hm_err put_command(struct hm_cx *cx, struct installing *i, struct hm_str name,
			  struct hm_str entry)
{
	CRYPTO_AUTO_HASH h = { 0 };
	struct hm_str path = hm_fmt(cx, "%.*s/%.*s", HM_FMT(bin_of(cx, i)), HM_FMT(name));
	struct hm_str text;
	if (!i->base.n)
		return hm_fail(cx, HM_DENIED, "it has commands, and nothing says where they go");
	HM_TRY(script_text(cx, i, entry, &text));
	const struct repair_node *n = script_at(i, path);
	if (!n || !hm_eq(n->content, text) || repair_layer_has(i->a->layer, n->path))
		return put_file(cx, i, path, text, true);
	crypto_hash_start(&h, CRYPTO_SHA256);
	crypto_hash_add(&h, text);
	add_row(cx, i, path, hash_text(cx, &h), text.n);
	return repair_vanish_keep(cx, &i->a->vanish, path);
}

/* pip makes its own commands by the Python that runs it. */
static hm_err put_pip_commands(struct hm_cx *cx, struct installing *i, struct hm_str entry)
{
	struct hm_str python = i->a->p->q.dists.p[i->choice->dist].python;
	HM_TRY(put_command(cx, i, HM_STR("pip"), entry));
	HM_TRY(put_command(cx, i, HM_STR("pip3"), entry));
	return python.n ? put_command(cx, i, hm_fmt(cx, "pip%.*s", HM_FMT(python)), entry) : NULL;
}

static hm_err put_commands(struct hm_cx *cx, struct installing *i, struct hm_cur *c)
{
	bool is_pip = hm_eqz(repair_python_key(cx, i->choice->name), "pip");
	while (c->n && !c->bad) {
		struct hm_str name = hm_take_str(c, hm_uvarint(c));
		struct hm_str entry = hm_take_str(c, hm_uvarint(c));
		if (c->bad)
			break;
		if (!is_pip)
			HM_TRY(put_command(cx, i, name, entry));
		else if (hm_eqz(name, "pip"))
			HM_TRY(put_pip_commands(cx, i, entry));
	}
	return c->bad ? damaged(cx) : NULL;
}

/* ------------------------------------------------------------------ files of the wheel */

/* What the installer writes itself. */
static bool is_own_record(const struct installing *i, struct hm_str path)
{
	static const char *const names[] = { "RECORD", "INSTALLER", "REQUESTED",
					     "direct_url.json" };
	struct hm_str dir = hm_dirname(path), name = hm_basename(path);
	if (!hm_ends(dir, HM_STR(".dist-info")) || hm_find_char(dir, '/') != SIZE_MAX)
		return false;
	(void)i;
	for (size_t k = 0; k < HM_LEN(names); k++)
		if (hm_eqz(name, names[k]))
			return true;
	return false;
}

static hm_err place_entry(struct hm_cx *cx, struct installing *i)
{
	struct hm_str python = i->a->p->q.dists.p[i->choice->dist].python;
	if (i->e.kind == WHEEL_SITE) {
		i->path = hm_fmt(cx, "%.*s/%.*s", HM_FMT(i->site), HM_FMT(i->e.path));
		return NULL;
	}
	if (!i->base.n)
		return hm_fail(cx, HM_DENIED,
			       "\"%.*s\" goes beside the packages, and nothing says where",
			       HM_FMT(i->e.path));
	if (i->e.kind == WHEEL_SCRIPT)
		i->path = hm_fmt(cx, "%.*s/bin/%.*s", HM_FMT(i->base), HM_FMT(i->e.path));
	else if (i->e.kind == WHEEL_BASE)
		i->path = hm_fmt(cx, "%.*s/%.*s", HM_FMT(i->base), HM_FMT(i->e.path));
	else
		i->path = hm_fmt(cx, "%.*s/include/python%.*s/%.*s/%.*s", HM_FMT(i->base),
				 HM_FMT(python), HM_FMT(i->choice->name), HM_FMT(i->e.path));
	return NULL;
}

static hm_err begin_entry(struct hm_cx *cx, struct installing *i, struct hm_cur *c)
{
	struct hm_str place;
	if (i->is_open || !repair_python_wheel_entry_read(c, &i->e))
		return damaged(cx);
	i->e.path = hm_dup(cx, i->e.path);
	i->e.hash = hm_dup(cx, i->e.hash);
	i->is_open = true;
	i->into_layer = false;
	i->got = 0;
	if (i->e.mtime > i->newest)
		i->newest = i->e.mtime;
	hm_buf_clear(&i->buffer);
	if (i->e.kind == WHEEL_SITE && is_own_record(i, i->e.path))
		return NULL;
	HM_TRY(place_entry(cx, i));
	if (i->e.kind == WHEEL_SCRIPT)
		return NULL;
	HM_TRY(claim(cx, i, i->path, &place));
	struct tar_entry e = entry_of(i, place, i->e.is_program);
	e.size = i->e.size;
	e.mtime = i->e.mtime;
	i->into_layer = true;
	return repair_layer_put(cx, i->a->layer, &e);
}

static hm_err add_data(struct hm_cx *cx, struct installing *i, struct hm_str bytes)
{
	if (!i->is_open)
		return damaged(cx);
	crypto_hash_add(&i->hash, bytes);
	i->got += bytes.n;
	if (hm_eqz(hm_basename(i->e.path), "METADATA") &&
	    hm_ends(hm_dirname(i->e.path), HM_STR(".dist-info")))
		hm_buf_add(&i->metadata, bytes);
	if (i->into_layer)
		return repair_layer_add(cx, i->a->layer, bytes);
	hm_buf_add(&i->buffer, bytes);
	return NULL;
}

static hm_err end_entry(struct hm_cx *cx, struct installing *i)
{
	struct hm_str hash = hash_text(cx, &i->hash);
	if (!i->is_open || i->got != i->e.size || i->buffer.over)
		return damaged(cx);
	i->is_open = false;
	if (i->e.hash.n && !hm_eq(hash, i->e.hash))
		return hm_fail(cx, HM_TRUST, "\"%.*s\" is not what its RECORD says: %.*s, not %.*s",
			       HM_FMT(i->e.path), HM_FMT(hash), HM_FMT(i->e.hash));
	if (i->into_layer)
		add_row(cx, i, i->path, hash, i->e.size);
	return i->e.kind == WHEEL_SCRIPT ? put_script(cx, i) : NULL;
}

static hm_err on_record(struct hm_cx *cx, void *arg, struct hm_str record)
{
	struct installing *i = arg;
	struct hm_cur c = hm_cur(record);
	switch ((char)hm_le(&c, 1)) {
	case WHEEL_ENTRY:
		return begin_entry(cx, i, &c);
	case WHEEL_DATA:
		return add_data(cx, i, hm_from(record, 1));
	case WHEEL_END:
		return end_entry(cx, i);
	default:
		return damaged(cx);
	}
}

static hm_err on_read(struct hm_cx *cx, void *arg, char *room, size_t n, size_t *out_n)
{
	struct installing *i = arg;
	return stream_read_fd(cx, &i->fd, room, n, out_n);
}

/* ------------------------------------------------------------------ its records */

static int by_row(const void *a, const void *b)
{
	const struct python_entry *x = a, *y = b;
	int order = hm_cmp(x->path, y->path);
	return order ? order : hm_cmp(x->hash, y->hash);
}

static hm_err put_record(struct hm_cx *cx, struct installing *i)
{
	HM_AUTO_BUF b = HM_BUF(HM_MAX_REPAIR_FILE);
	struct hm_str path = hm_fmt(cx, "%.*s/%.*s/RECORD", HM_FMT(i->site), HM_FMT(i->info));
	struct hm_str place, text;
	HM_TRY(claim(cx, i, path, &place));
	struct tar_entry e = entry_of(i, place, false);
	*hm_push(cx, &i->rows) =
		(struct python_entry){ relative_path(cx, i->site, path), HM_STR(""), HM_STR("") };
	qsort(i->rows.p, i->rows.n, sizeof(*i->rows.p), by_row);
	for (size_t k = 0; k < i->rows.n; k++)
		repair_python_record_put(&b, &i->rows.p[k]);
	HM_TRY(hm_buf_end(cx, &b, "RECORD", &text));
	return repair_layer_file(cx, i->a->layer, &e, text);
}

/* Who installed it, and whether somebody asked for it: as it was. */
static hm_err put_marks(struct hm_cx *cx, struct installing *i)
{
	static const char *const names[] = { "INSTALLER", "REQUESTED" };
	for (size_t k = 0; k < HM_LEN(names); k++) {
		const struct repair_node *n =
			repair_python_own(cx, &i->a->l->run->root, i->old->folder, names[k]);
		if (n)
			HM_TRY(put_file(cx, i,
					hm_fmt(cx, "%.*s/%.*s/%s", HM_FMT(i->site), HM_FMT(i->info),
					       names[k]),
					n->content, false));
	}
	return put_record(cx, i);
}

/* What was planned with is what is in it. */
static hm_err check_identity(struct hm_cx *cx, const struct installing *i, struct hm_str metadata)
{
	const struct python_question *q = &i->a->p->q;
	size_t k = 0;
	while (k < q->known.n && !hm_eq(q->known.p[k].url, i->choice->file.url))
		k++;
	if (k < q->known.n && hm_eq(q->known.p[k].metadata, metadata) &&
	    hm_eq(hm_buf_str(&i->metadata), metadata))
		return NULL;
	return hm_fail(cx, HM_TRUST, "its METADATA is not what the index says of it");
}

static hm_err flow(struct hm_cx *cx, struct installing *i)
{
	HM_AUTO_WORKER w = { .in = -1, .out = -1 };
	struct hm_flow flow = { on_read, on_record, i };
	struct hm_str answer;
	HM_TRY(hm_worker_start(cx, REPAIR_PYTHON_WHEEL_JOB, HM_STR("files"), 0, &w));
	HM_TRY(hm_worker_flow(cx, &w, &flow, &answer));
	struct hm_cur c = hm_cur(answer);
	i->info = hm_take_str(&c, hm_uvarint(&c));
	struct hm_str metadata = hm_take_str(&c, hm_uvarint(&c));
	if (c.bad || i->is_open || !hm_ends(i->info, HM_STR(".dist-info")) ||
	    hm_find_char(i->info, '/') != SIZE_MAX)
		return damaged(cx);
	HM_TRY(check_identity(cx, i, metadata));
	HM_TRY(put_commands(cx, i, &c));
	return put_marks(cx, i);
}

static struct hm_str base_of(struct hm_str site)
{
	struct hm_str python = hm_dirname(site), lib = hm_dirname(python);
	bool good = hm_starts(hm_basename(python), HM_STR("python3")) &&
		    hm_starts(hm_basename(lib), HM_STR("lib"));
	return good ? hm_dirname(lib) : HM_STR("");
}

static hm_err install(struct hm_cx *cx, struct applying *a, const struct python_choice *c)
{
	HM_CLEANUP(installing_done)
	struct installing i = { .a = a,
				.choice = c,
				.old = &a->p->installed[c->dist],
				.fd = -1,
				.metadata = HM_BUF(HM_MAX_REPAIR_CONTROL),
				.buffer = HM_BUF(HM_MAX_REPAIR_CONTROL) };
	struct repair_remote r = { c->file.url, hm_fmt(cx, "sha256:%.*s", HM_FMT(c->file.sha256)),
				   HM_MAX_REPAIR_ARCHIVE };
	const struct repair_node *owner =
		repair_python_own(cx, &a->l->run->root, i.old->folder, "METADATA");
	struct hm_str sum;
	i.site = i.old->site;
	i.base = base_of(i.site);
	i.uid = owner->uid;
	i.gid = owner->gid;
	crypto_hash_start(&i.hash, CRYPTO_SHA256);
	HM_TRY(repair_fetch_remote(cx, a->l->run->o->http, &r, &i.fd, &sum));
	return flow(cx, &i);
}

/* ------------------------------------------------------------------ what goes */

/* Bytecode that Python made of a module: "__pycache__/NAME.cpython-311.pyc". */
static hm_err remove_bytecode(struct hm_cx *cx, struct applying *a, struct hm_str path)
{
	struct hm_str dir = hm_dirname(path), name = hm_basename(path), place;
	struct hm_str head = hm_sub(name, 0, name.n - 2);
	HM_TRY(repair_root_place(cx, &a->l->run->root, hm_fmt(cx, "%.*s/__pycache__", HM_FMT(dir)),
				 &place));
	const struct repair_node *folder = repair_root_at(&a->l->run->root, place);
	for (const struct repair_node *n = folder ? folder->first : NULL; n; n = n->next)
		if (!n->is_gone && hm_starts(hm_basename(n->path), head) &&
		    hm_ends(n->path, HM_STR(".pyc")))
			HM_TRY(repair_vanish_add(cx, &a->vanish, n->path));
	return NULL;
}

static hm_err remove_old(struct hm_cx *cx, struct applying *a, const struct python_installed *old)
{
	static const char *const more[] = { "direct_url.json", "INSTALLER", "REQUESTED", "RECORD" };
	for (size_t i = 0; i < old->files.n; i++) {
		struct hm_str path = old->files.p[i];
		if (hm_map_has(&a->owners, path))
			continue;
		HM_TRY(repair_vanish_add(cx, &a->vanish, path));
		if (hm_ends(path, HM_STR(".py")))
			HM_TRY(remove_bytecode(cx, a, path));
	}
	for (size_t i = 0; i < HM_LEN(more); i++)
		HM_TRY(repair_vanish_add(cx, &a->vanish,
					 hm_fmt(cx, "%.*s/%s", HM_FMT(old->folder), more[i])));
	return NULL;
}

static bool is_replaced(const struct python_planned *p, size_t dist)
{
	for (size_t i = 0; i < p->a.choices.n; i++)
		if (p->a.choices.p[i].dist == dist)
			return true;
	return false;
}

hm_err repair_python_apply(struct hm_cx *cx, struct repair_language_run *l,
			   struct repair_layer *layer)
{
	struct applying a = { .l = l, .p = l->own, .layer = layer };
	const struct python_planned *p = l->own;
	a.vanish.root = &l->run->root;
	for (size_t i = 0; i < p->q.dists.n; i++)
		for (size_t k = 0; !is_replaced(p, i) && k < p->installed[i].files.n; k++)
			hm_map_put(cx, &a.owners, p->installed[i].files.p[k], &p->installed[i]);
	for (size_t i = 0; i < p->a.choices.n; i++)
		HM_TRY_IN(cx, install(cx, &a, &p->a.choices.p[i]), "\"%.*s\"",
			  HM_FMT(hm_basename(p->a.choices.p[i].file.url)));
	for (size_t i = 0; i < p->a.choices.n; i++)
		HM_TRY(remove_old(cx, &a, &p->installed[p->a.choices.p[i].dist]));
	return repair_vanish_end(cx, &a.vanish, layer);
}
