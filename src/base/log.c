/* SPDX-License-Identifier: Apache-2.0 */
#include "base/log.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/clock.h"

static struct hm_log_config config = { .level = HM_LOG_WARN };
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static const char *const level_names[] = { "error", "warn", "info", "debug" };
static const char *const level_colors[] = { "\033[31m", "\033[33m", "", "" };
static bool bar_shown; /* under the lock: a bar stands in the terminal's last line */

void hm_log_setup(struct hm_log_config c)
{
	config = c;
}

bool hm_log_on(enum hm_log_level level)
{
	return level <= config.level;
}

static void add_json(struct hm_buf *b, const char *z)
{
	hm_buf_char(b, '"');
	for (struct hm_str s = hm_cstr(z); s.n;) {
		unsigned char c = (unsigned char)s.p[0];
		size_t n = hm_utf8_sequence(s);
		bool c1 = n == 2 && c == 0xc2 && (unsigned char)s.p[1] < 0xa0;
		if (c == '"' || c == '\\')
			hm_buf_fmt(b, "\\%c", c);
		else if (c < 0x20 || c == 0x7f || c1)
			hm_buf_fmt(b, "\\u%04x", (unsigned)(c1 ? (unsigned char)s.p[1] : c));
		else
			hm_buf_add(b, n ? hm_sub(s, 0, n) : HM_STR("\xef\xbf\xbd")); /* U+FFFD */
		s = hm_from(s, n ? n : 1);
	}
	hm_buf_char(b, '"');
}

/* Control characters never reach a terminal: names and values may come from strangers. */
static void add_text(struct hm_buf *b, const char *z, bool quote)
{
	if (quote && *z && !strpbrk(z, " \"=\t\n\r\\\033"))
		quote = false;
	if (quote) {
		add_json(b, z);
		return;
	}
	hm_buf_safe(b, hm_cstr(z));
}

static void add_pair(struct hm_buf *b, const char *name, const char *value)
{
	if (config.json) {
		hm_buf_char(b, ',');
		add_json(b, name);
		hm_buf_char(b, ':');
		add_json(b, value);
	} else {
		hm_buf_fmt(b, " %s=", name);
		add_text(b, value, true);
	}
}

static void begin_line(struct hm_buf *b, enum hm_log_level level, const char *event)
{
	HM_AUTO_CX cx = HM_CX(0);
	struct hm_str now = hm_rfc3339(&cx, hm_now());
	if (config.json) {
		hm_buf_fmt(b, "{\"time\":\"%.*s\",\"level\":\"%s\",\"event\":", HM_FMT(now),
			   level_names[level]);
		add_json(b, event);
	} else {
		const char *color = config.color ? level_colors[level] : "";
		hm_buf_fmt(b, "%s%s:%s ", color, level_names[level], *color ? "\033[0m" : "");
		add_text(b, event, false);
	}
}

static void clear_bar(void)
{
	if (bar_shown)
		fputs("\r\033[K", stderr);
	bar_shown = false;
}

void hm_log(const struct hm_cx *cx, enum hm_log_level level, const char *event, ...)
{
	if (!hm_log_on(level))
		return;
	HM_AUTO_BUF b = HM_BUF(16384);
	begin_line(&b, level, event);
	va_list ap;
	va_start(ap, event);
	for (const char *name; (name = va_arg(ap, const char *));) {
		const char *value = va_arg(ap, const char *);
		add_pair(&b, name, value ? value : "");
	}
	va_end(ap);
	if (cx && cx->request_id)
		add_pair(&b, "request", cx->request_id);
	hm_buf_addz(&b, config.json ? "}\n" : "\n");
	pthread_mutex_lock(&lock);
	clear_bar();
	fwrite(b.p, 1, b.n, stderr);
	pthread_mutex_unlock(&lock);
}

struct hm_progress {
	char what[48];
	uint64_t total;
	_Atomic uint64_t done;
	_Atomic int64_t drawn; /* monotonic time of the last drawing */
};

struct hm_progress *hm_progress_start(const char *what, uint64_t total)
{
	if (!config.progress)
		return NULL;
	struct hm_progress *p = calloc(1, sizeof(*p));
	if (!p)
		abort();
	snprintf(p->what, sizeof(p->what), "%s", what);
	p->total = total;
	atomic_store(&p->drawn, hm_mono());
	return p;
}

static void draw_progress(const struct hm_progress *p)
{
	enum { WIDTH = 30 };
	char bar[WIDTH + 1];
	uint64_t done = atomic_load(&p->done);
	pthread_mutex_lock(&lock);
	if (p->total) {
		size_t full = (size_t)((done > p->total ? p->total : done) * WIDTH / p->total);
		memset(bar, ' ', WIDTH);
		memset(bar, '=', full);
		bar[WIDTH] = '\0';
		fprintf(stderr, "\r\033[K%-24s [%s] %3u%%", p->what, bar,
			(unsigned)(done > p->total ? 100 : done * 100 / p->total));
	} else if (done < 1000000) {
		fprintf(stderr, "\r\033[K%-24s %llu", p->what, (unsigned long long)done);
	} else {
		fprintf(stderr, "\r\033[K%-24s %.1f M", p->what, (double)done / 1e6);
	}
	bar_shown = true;
	fflush(stderr);
	pthread_mutex_unlock(&lock);
}

void hm_progress_add(struct hm_progress *p, uint64_t n)
{
	if (!p)
		return;
	atomic_fetch_add(&p->done, n);
	int64_t now = hm_mono(), last = atomic_load(&p->drawn);
	if (now - last > HM_SECOND / 10 && atomic_compare_exchange_strong(&p->drawn, &last, now))
		draw_progress(p);
}

void hm_progress_end(struct hm_progress *p)
{
	if (!p)
		return;
	pthread_mutex_lock(&lock);
	clear_bar();
	fflush(stderr);
	pthread_mutex_unlock(&lock);
	free(p);
}
