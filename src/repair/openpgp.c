/* SPDX-License-Identifier: Apache-2.0 */
#include "repair/openpgp.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/child.h"
#include "codec/base64.h"

#define SECOND INT64_C(1000000000)
enum { PATIENCE = 60 };

static const char *const programs[] = { "/usr/bin/gpgv", "/usr/local/bin/gpgv", "/bin/gpgv" };

static hm_err find_program(struct hm_cx *cx, const char **out)
{
	for (size_t i = 0; i < HM_LEN(programs); i++)
		if (access(programs[i], X_OK) == 0) {
			*out = programs[i];
			return NULL;
		}
	return hm_hint(cx,
		       hm_fail(cx, HM_ABSENT,
			       "no gpgv, which verifies signatures of package repositories"),
		       "install it (Debian, Ubuntu: apt install gpgv)");
}

/* ------------------------------------------------------------------ keyrings as gpgv reads them */

/* RFC 9580, 6.2: header lines, an empty line, base64, "=" and a checksum. */
static hm_err dearmor(struct hm_cx *cx, struct hm_str text, struct hm_buf *out)
{
	bool inside = false, body = false;
	HM_AUTO_BUF joined = HM_BUF(HM_MAX_REPAIR_KEYRINGS);
	while (text.n) {
		struct hm_str line = hm_trim(hm_line(&text)), der;
		if (hm_starts(line, HM_STR("-----BEGIN PGP PUBLIC KEY BLOCK"))) {
			inside = true;
			body = false;
			hm_buf_clear(&joined);
		} else if (inside && hm_starts(line, HM_STR("-----END PGP"))) {
			HM_TRY(base64_parse(cx, BASE64_STD, hm_buf_str(&joined), &der));
			hm_buf_add(out, der);
			inside = false;
		} else if (inside && !body) {
			body = line.n == 0;
			if (line.n && hm_find_char(line, ':') == SIZE_MAX) { /* no headers at all */
				body = true;
				hm_buf_add(&joined, line);
			}
		} else if (inside && !hm_starts(line, HM_STR("="))) {
			hm_buf_add(&joined, line);
		}
	}
	return NULL;
}

struct folder {
	char *path; /* private, removed at the end; NULL: none */
	struct hm_strs arguments;
};

static void folder_done(struct folder *f)
{
	HM_AUTO_CX cx = HM_CX(SIZE_MAX);
	if (f->path && hm_remove_tree(&cx, f->path))
		hm_log(&cx, HM_LOG_WARN, "could not remove a temporary folder", "folder", f->path,
		       NULL);
}

static hm_err put_file(struct hm_cx *cx, const struct folder *f, const char *name,
		       struct hm_str bytes, const char **out)
{
	*out = hm_path(cx, f->path, name);
	HM_AUTO_FD fd = open(*out, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return hm_fail_os(cx, "could not make \"%s\"", *out);
	return hm_write_all(cx, fd, *out, bytes);
}

static hm_err put_keyring(struct hm_cx *cx, struct folder *f, size_t i,
			  const struct repair_keyring *k)
{
	HM_AUTO_BUF binary = HM_BUF(HM_MAX_REPAIR_KEYRINGS);
	const char *path;
	if (hm_find(hm_sub(k->bytes, 0, 4096), HM_STR("-----BEGIN PGP")) == SIZE_MAX)
		hm_buf_add(&binary, k->bytes);
	else
		HM_TRY(dearmor(cx, k->bytes, &binary));
	HM_TRY(put_file(cx, f, hm_fmt(cx, "keys-%zu.gpg", i).p, hm_buf_str(&binary), &path));
	*hm_push(cx, &f->arguments) = HM_STR("--keyring");
	*hm_push(cx, &f->arguments) = hm_cstr(path);
	return NULL;
}

/* ------------------------------------------------------------------ what gpgv says */

struct said {
	bool good, bad, valid, expired, unknown;
	unsigned texts;
	struct hm_str signer, key;
	int64_t when;
};

/* GnuPG's doc/DETAILS, "Format of the --status-fd output". */
static void read_status(struct hm_str text, struct said *s)
{
	while (text.n) {
		struct hm_str line = hm_line(&text);
		uint64_t when;
		if (!hm_eqz(hm_cut(&line, ' '), "[GNUPG:]"))
			continue;
		struct hm_str word = hm_cut(&line, ' ');
		if (hm_eqz(word, "PLAINTEXT"))
			s->texts++;
		if (hm_eqz(word, "BADSIG"))
			s->bad = true;
		if (hm_eqz(word, "GOODSIG"))
			s->good = true;
		if (hm_eqz(word, "EXPKEYSIG") || hm_eqz(word, "REVKEYSIG") ||
		    hm_eqz(word, "EXPSIG")) {
			s->expired = true;
			s->key = hm_cut(&line, ' ');
		}
		if (hm_eqz(word, "NO_PUBKEY")) {
			s->unknown = true;
			s->key = hm_cut(&line, ' ');
		}
		/* Said of expired keys, too: only what GOODSIG said before counts. */
		if (hm_eqz(word, "VALIDSIG") && s->good && !s->valid) {
			s->signer = hm_cut(&line, ' ');
			hm_cut(&line, ' ');
			if (!hm_u64(hm_cut(&line, ' '), INT64_MAX, &when))
				continue;
			s->when = (int64_t)when;
			s->valid = true;
		}
		if (hm_eqz(word, "NEWSIG"))
			s->good = false;
	}
}

static hm_err judge(struct hm_cx *cx, const struct said *s, const struct hm_child_end *end)
{
	if (s->bad)
		return hm_fail(cx, HM_TRUST, "the signature is bad");
	if (s->valid)
		return NULL;
	if (s->expired)
		return hm_fail(cx, HM_TRUST,
			       "the key %.*s that signed it has expired, or was revoked",
			       HM_FMT(s->key));
	if (s->unknown)
		return hm_fail(cx, HM_TRUST,
			       "it is signed by the key %.*s, which is in none of the keyrings",
			       HM_FMT(s->key));
	struct hm_str err = end->err;
	return hm_fail(cx, HM_TRUST, "it has no signature that gpgv takes (%.*s)",
		       HM_FMT(hm_line(&err)));
}

static hm_err run(struct hm_cx *cx, const char *program, const struct folder *f,
		  struct hm_child_end *out)
{
	const char **argv = hm_new(cx, const char *, f->arguments.n + 1);
	const char *const environment[] = { "PATH=/usr/bin:/bin", "LC_ALL=C",
					    hm_fmt(cx, "GNUPGHOME=%s", f->path).p, NULL };
	for (size_t i = 0; i < f->arguments.n; i++)
		argv[i] = hm_dupz(cx, f->arguments.p[i]);
	struct hm_child c = { .path = program,
			      .arguments = argv,
			      .environment = environment,
			      .max_output = HM_MAX_REPAIR_RELEASE,
			      .patience = PATIENCE * SECOND };
	HM_TRY(hm_child_run(cx, &c, out));
	return NULL;
}

static hm_err verify(struct hm_cx *cx, const struct hm_str *files, size_t files_n,
		     const struct repair_keyrings *keys, struct said *out_said,
		     struct hm_child_end *out)
{
	static const char *const options[] = { "gpgv", "--status-fd",   "2",        "--weak-digest",
					       "SHA1", "--weak-digest", "RIPEMD160" };
	HM_CLEANUP(folder_done) struct folder f = { 0 };
	const char *program, *path;
	if (!keys->n)
		return hm_fail(cx, HM_TRUST, "there is no keyring to verify it with");
	HM_TRY(find_program(cx, &program));
	HM_TRY(hm_temp_dir(cx, &f.path));
	for (size_t i = 0; i < HM_LEN(options); i++)
		*hm_push(cx, &f.arguments) = hm_cstr(options[i]);
	for (size_t i = 0; i < keys->n; i++)
		HM_TRY_IN(cx, put_keyring(cx, &f, i, &keys->p[i]), "keyring \"%.*s\"",
			  HM_FMT(keys->p[i].name));
	if (files_n == 1) {
		*hm_push(cx, &f.arguments) = HM_STR("--output");
		*hm_push(cx, &f.arguments) = HM_STR("-");
	}
	for (size_t i = 0; i < files_n; i++) {
		HM_TRY(put_file(cx, &f, i ? "content" : "signed", files[i], &path));
		*hm_push(cx, &f.arguments) = hm_cstr(path);
	}
	HM_TRY(run(cx, program, &f, out));
	read_status(out->err, out_said);
	return judge(cx, out_said, out);
}

hm_err repair_openpgp_clear(struct hm_cx *cx, struct hm_str message,
			    const struct repair_keyrings *keys, struct repair_signed *out)
{
	struct said s = { 0 };
	struct hm_child_end end;
	HM_TRY(verify(cx, &message, 1, keys, &s, &end));
	if (s.texts != 1)
		return hm_fail(cx, HM_TRUST, "it has %u signed texts, not one", s.texts);
	*out = (struct repair_signed){ end.out, s.signer, s.when };
	return NULL;
}

hm_err repair_openpgp_detached(struct hm_cx *cx, struct hm_str content, struct hm_str signature,
			       const struct repair_keyrings *keys, struct repair_signed *out)
{
	struct said s = { 0 };
	struct hm_child_end end;
	struct hm_str files[] = { signature, content };
	HM_TRY(verify(cx, files, HM_LEN(files), keys, &s, &end));
	*out = (struct repair_signed){ content, s.signer, s.when };
	return NULL;
}
