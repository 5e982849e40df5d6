/* SPDX-License-Identifier: Apache-2.0 */
/* PINs and passphrases. The process that parses what strangers send never reads one: it only opens
 * the place, and hands the descriptor on. */
#include <fcntl.h>

#include "base/terminal.h"
#include "trust/signers/signers.h"

static hm_err open_pin_file(struct hm_cx *cx, struct hm_str path, int *out)
{
	unsigned mode;
	const char *name = hm_dupz(cx, path);
	HM_TRY(hm_secret_open_file(cx, name, HM_MAX_CREDENTIAL, out, &mode));
	hm_secret_warn(cx, name, mode);
	return NULL;
}

static hm_err take_descriptor(struct hm_cx *cx, struct hm_str number, int *out)
{
	uint64_t n;
	if (!hm_u64(number, INT_MAX, &n))
		return hm_fail(cx, HM_USAGE, "\"%.*s\" is not a descriptor", HM_FMT(number));
	*out = fcntl((int)n, F_DUPFD_CLOEXEC, 3);
	if (*out < 0)
		return hm_fail(cx, HM_USAGE, "descriptor %d is not open", (int)n);
	return NULL;
}

hm_err trust_pin_open(struct hm_cx *cx, struct hm_str source, int *out_fd, bool *out_prompt)
{
	struct hm_str rest = source, kind = hm_cut(&rest, ':');
	*out_fd = -1;
	*out_prompt = hm_eqz(source, "prompt");
	if (!source.n || *out_prompt)
		return NULL;
	if (hm_starts(source, HM_STR("/")))
		return open_pin_file(cx, source, out_fd);
	if (hm_eqz(kind, "fd"))
		return take_descriptor(cx, rest, out_fd);
	if (hm_eqz(kind, "file") && hm_starts(rest, HM_STR("///")))
		rest = hm_from(rest, 2);
	if (hm_eqz(kind, "file") && hm_starts(rest, HM_STR("/")) && !hm_starts(rest, HM_STR("//")))
		return open_pin_file(cx, rest, out_fd);
	return hm_fail(cx, HM_USAGE,
		       "pin-source \"%.*s\" is neither file:/PATH, nor fd:N, nor prompt",
		       HM_FMT(source));
}

hm_err trust_pin_ask(struct hm_cx *cx, const char *what, struct hm_str of, int *out_fd)
{
	HM_AUTO_FD fd = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (fd < 0 || !hm_terminal_hide(fd))
		return hm_fail(
			cx, HM_USAGE,
			"a %s is needed, and there is no terminal to ask for it; say where it is "
			"with pin-source=file:FILE or pin-source=fd:N",
			what);
	struct hm_str question = hm_say(cx, "%s of %.*s: ", what, HM_FMT(of));
	hm_err err = hm_write_all(cx, fd, "terminal", question);
	if (err) {
		hm_terminal_show();
		return err;
	}
	*out_fd = hm_move_fd(fd);
	return NULL;
}

void trust_pin_asked(int *fd)
{
	if (*fd < 0)
		return;
	hm_terminal_show();
	if (write(*fd, "\n", 1) < 0) /* only looks worse */
		hm_log(NULL, HM_LOG_DEBUG, "the terminal is gone", NULL);
	hm_close_fd(fd);
}

hm_err trust_pin_read(struct hm_cx *cx, int fd, struct hm_secret *out)
{
	HM_AUTO_SECRET s = HM_SECRET(HM_MAX_CREDENTIAL);
	for (;;) {
		char *c = hm_buf_room(&s.bytes, 1);
		if (!c)
			return hm_fail(cx, HM_LIMIT, "the PIN or passphrase is too long");
		ssize_t got = read(fd, c, 1);
		if (got < 0)
			return hm_fail_os(cx, "could not read the PIN or passphrase");
		if (got == 0 || *c == '\n')
			break;
	}
	s.bytes.n--;
	struct hm_str line = hm_secret_str(&s);
	if (line.n && line.p[line.n - 1] == '\r')
		s.bytes.n--;
	s.bytes.p[s.bytes.n] = '\0'; /* libraries take it as a C string */
	if (hm_find_char(hm_secret_str(&s), '\0') != SIZE_MAX)
		return hm_fail(cx, HM_INPUT, "the PIN or passphrase contains a NUL byte");
	*out = hm_secret_move(&s);
	return NULL;
}
