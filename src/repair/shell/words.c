/* SPDX-License-Identifier: Apache-2.0 */
/* The words of a command: options apart from the rest. */
#include "repair/shell/shell.h"

/* An option with a value of its own, of those commands that have such. */
static struct hm_str *value_of(struct shell_words *w, struct hm_str command, struct hm_str option)
{
	bool install = hm_eqz(command, "install");
	if ((install || hm_eqz(command, "mkdir")) &&
	    (hm_eqz(option, "-m") || hm_eqz(option, "--mode")))
		return &w->mode;
	if (install && hm_eqz(option, "-o"))
		return &w->user;
	if (install && hm_eqz(option, "-g"))
		return &w->group;
	return NULL;
}

static void add_long(struct shell_words *w, struct hm_str s, struct hm_buf *letters)
{
	if (hm_starts(s, HM_STR("--mode=")))
		w->mode = hm_from(s, strlen("--mode="));
	else if (hm_eqz(s, "--recursive"))
		hm_buf_char(letters, 'R');
	else
		hm_buf_char(letters, hm_eqz(s, "--parents") ? 'p' : '-');
}

struct shell_words repair_shell_words(struct shell *sh, const struct shell_args *a)
{
	HM_AUTO_BUF letters = HM_BUF(4096);
	struct shell_words w = { 0 };
	struct hm_str command = hm_basename(a->p[0].s), *value;
	bool over = false;
	for (size_t i = 1; i < a->n; i++) {
		struct hm_str s = a->p[i].s;
		if (over || a->p[i].know || s.n < 2 || s.p[0] != '-') {
			*hm_push(sh->cx, &w.args) = a->p[i];
		} else if (hm_eqz(s, "--")) {
			over = true;
		} else if ((value = value_of(&w, command, s)) && i + 1 < a->n) {
			hm_buf_char(&letters, s.p[1] == '-' ? 'm' : s.p[1]);
			*value = repair_shell_arg(a, ++i);
		} else if (hm_starts(s, HM_STR("--"))) {
			add_long(&w, s, &letters);
		} else {
			hm_buf_add(&letters, hm_from(s, 1));
		}
	}
	w.options = hm_dup(sh->cx, hm_buf_str(&letters));
	return w;
}

bool repair_shell_option(const struct shell_words *w, char c)
{
	return hm_find_char(w->options, c) != SIZE_MAX;
}

hm_err repair_shell_nothing(struct shell *sh, const struct shell_args *a)
{
	(void)a;
	sh->status = 0;
	return NULL;
}

hm_err repair_shell_maybe(struct shell *sh, const struct shell_args *a)
{
	(void)a;
	repair_shell_print(sh, (struct shell_text){ HM_STR(""), SHELL_UNKNOWN });
	sh->status = SHELL_MAYBE;
	return NULL;
}

hm_err repair_shell_refuse(struct shell *sh, const struct shell_args *a)
{
	HM_AUTO_BUF b = HM_BUF(4096);
	for (size_t i = 0; i < a->n; i++)
		hm_buf_fmt(&b, "%s%.*s", i ? " " : "",
			   HM_FMT(a->p[i].know ? HM_STR("?") : a->p[i].s));
	repair_shell_give_up(sh, "\"%.*s\"", HM_FMT(hm_sub(hm_buf_str(&b), 0, 200)));
	return NULL;
}

bool repair_shell_octal(struct hm_str s, uint32_t *out)
{
	*out = 0;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '7')
			return false;
		*out = *out * 8 + (uint32_t)(s.p[i] - '0');
	}
	return s.n > 0 && s.n <= 5 && *out <= 07777;
}

static bool read_owner(const struct repair_root *r, struct hm_str s,
		       bool (*find)(const struct repair_root *, struct hm_str, uint32_t *),
		       uint32_t *out)
{
	uint64_t n;
	if (hm_eqz(s, "root")) {
		*out = 0;
		return true;
	}
	if (hm_u64(s, UINT32_MAX, &n)) {
		*out = (uint32_t)n;
		return true;
	}
	return find(r, s, out);
}

bool repair_shell_owner(const struct repair_root *r, struct hm_str who, uint32_t *uid,
			uint32_t *gid)
{
	size_t colon = hm_find_char(who, ':');
	if (colon == SIZE_MAX)
		colon = hm_find_char(who, '.'); /* as it was once written */
	struct hm_str user = hm_sub(who, 0, colon);
	struct hm_str group = colon == SIZE_MAX ? HM_STR("") : hm_from(who, colon + 1);
	return (user.n || group.n) && (!user.n || read_owner(r, user, repair_root_user, uid)) &&
	       (!group.n || read_owner(r, group, repair_root_group, gid));
}
