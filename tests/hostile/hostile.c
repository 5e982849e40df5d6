/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hostile images, made at random from a seed, and what a container runtime shows of them: each
 * package that it shows is listed, or the image is refused.
 *
 *     hostile ORACLE SEED COUNT [MORE]
 *
 * ORACLE is the program of tests/hostile/oracle. Each package has a name of its own, so that names
 * are all that is compared. Images are unpacked by the oracle, and read here in this process by
 * what reads them elsewhere in workers. Where both ways to unpack agree to take an image that has
 * no links and devices, nothing is listed that neither shows, either.
 *
 * Prints TAP. With MORE, a folder, the layers of images that differ are left there.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "hostile/hostile.h"
#include "inventory/layer.h"
#include "inventory/merge.h"
#include "inventory/settle.h"

/* --- the oracle --- */

struct oracle {
	pid_t pid;
	FILE *to, *from;
};

static struct oracle start_oracle(char *program)
{
	struct oracle o = { 0 };
	int in[2], out[2];
	char *argv[] = { program, NULL };
	posix_spawn_file_actions_t actions;
	posix_spawn_file_actions_init(&actions);
	if (pipe2(in, O_CLOEXEC) < 0 || pipe2(out, O_CLOEXEC) < 0)
		abort();
	posix_spawn_file_actions_adddup2(&actions, in[0], 0);
	posix_spawn_file_actions_adddup2(&actions, out[1], 1);
	if (posix_spawn(&o.pid, program, &actions, NULL, argv, environ) != 0) {
		printf("Bail out! could not start %s\n", program);
		exit(1);
	}
	posix_spawn_file_actions_destroy(&actions);
	close(in[0]);
	close(out[1]);
	o.to = fdopen(in[1], "w");
	o.from = fdopen(out[0], "r");
	return o;
}

static void put_le(FILE *f, uint32_t v)
{
	for (int i = 0; i < 4; i++, v >>= 8)
		putc((int)(v & 0xff), f);
}

/* What one way of unpacking shows. */
struct view {
	bool refused;
	struct hm_strs names;
};

static struct view read_view(struct hm_cx *cx, struct oracle *o)
{
	static char line[1 << 16];
	struct view v = { 0 };
	if (!fgets(line, sizeof(line), o->from)) {
		printf("Bail out! the oracle ended\n");
		exit(1);
	}
	struct hm_str rest = hm_dup(cx, hm_cstr(line));
	rest.n--; /* the end of the line */
	hm_cut(&rest, ' ');
	v.refused = hm_starts(rest, HM_STR("refused:"));
	while (!v.refused && rest.n)
		*hm_push(cx, &v.names) = hm_cut(&rest, ' ');
	return v;
}

static void ask(struct oracle *o, const struct hostile_image *im)
{
	putc((int)im->n, o->to);
	for (size_t i = 0; i < im->n; i++) {
		put_le(o->to, (uint32_t)im->layers[i].n);
		fwrite(im->layers[i].p, 1, im->layers[i].n, o->to);
	}
	fflush(o->to);
}

/* --- Hullmark, as in image.c but for the workers --- */

static hm_err read_layer(struct hm_cx *cx, struct hm_str bytes, struct inventory_request r,
			 struct inventory_answer *out)
{
	enum { READINGS = 8 };
	for (int i = 0; i < READINGS; i++) {
		HM_AUTO_BUF answer = HM_BUF(HM_MAX_WORKER_RESULT);
		HM_AUTO_FD fd = memfd_create("layer", MFD_CLOEXEC);
		struct hm_str args;
		HM_TRY(hm_write_all(cx, fd, "layer", bytes));
		lseek(fd, 0, SEEK_SET);
		HM_TRY(inventory_request_write(cx, &r, &args));
		HM_TRY(inventory_layer_job(cx, args, fd, &answer));
		HM_TRY(inventory_answer_read(cx, hm_dup(cx, hm_buf_str(&answer)), out));
		if (!out->needs.n)
			return NULL;
		r.bits = (const uint8_t *)out->needs.p;
	}
	return hm_fail(cx, HM_LIMIT, "a chain of more than %d hard links", READINGS);
}

static hm_err list(struct hm_cx *cx, const struct hostile_image *im, struct hm_strs *out)
{
	enum { TIMES = 8 };
	struct inventory_view_layer layers[HOSTILE_LAYERS];
	struct inventory_request asked = { 0 };
	struct inventory_view view;
	struct inventory inv = { 0 };
	bool again = true;
	for (int times = 0; again; times++) {
		if (times == TIMES)
			return hm_fail(cx, HM_LIMIT, "more than %d symbolic links", TIMES);
		for (size_t i = 0; i < im->n; i++) {
			struct inventory_answer *a = hm_new(cx, struct inventory_answer, 1);
			HM_TRY(read_layer(cx, im->layers[i], asked, a));
			layers[i] = (struct inventory_view_layer){ HM_STR("x"), a };
		}
		HM_TRY(inventory_view_make(cx, &asked.seed, layers, im->n, &view));
		HM_TRY(inventory_layers_settle(cx, &view, &asked, &inv.unknown, &again));
	}
	HM_TRY(inventory_merge(cx, &view, &inv));
	for (size_t i = 0; i < inv.n; i++)
		*hm_push(cx, out) = inv.components[i].name;
	return NULL;
}

/* --- the comparison --- */

struct tally {
	unsigned images, taken, refused, by_both, packages, missed, invented;
};

static void report(const struct hostile_image *im, uint64_t seed, const char *what,
		   struct hm_str name, const char *folder)
{
	printf("# seed %" PRIu64 ": %.*s %s\n", seed, (int)name.n, name.p, what);
	for (const char *line = im->words.p, *end; *line; line = end + 1) {
		end = strchr(line, '\n');
		printf("#     %.*s\n", (int)(end - line), line);
	}
	for (size_t i = 0; folder && i < im->n; i++) {
		HM_AUTO_CX cx = HM_CX(SIZE_MAX);
		hm_err err =
			hm_write_file(&cx, hm_fmt(&cx, "%s/%" PRIu64 "-%zu.tar", folder, seed, i).p,
				      im->layers[i], 0644);
		if (err)
			printf("# %s\n", err->why);
	}
}

static void compare(struct hm_cx *cx, const struct hostile_image *im, uint64_t seed,
		    const struct view views[2], struct tally *t, const char *folder)
{
	struct hm_strs names = { 0 };
	hm_err err = list(cx, im, &names);
	t->images++;
	t->refused += err != NULL;
	t->taken += err == NULL;
	t->by_both += views[0].refused && views[1].refused;
	if (err) {
		if (getenv("HOSTILE_WHY"))
			printf("# why: %s\n", err->why);
		return;
	}
	for (int i = 0; i < 2; i++)
		for (size_t k = 0; k < views[i].names.n; k++) {
			struct hm_str name = views[i].names.p[k];
			t->packages++;
			if (hm_strs_has(&names, name))
				continue;
			t->missed++;
			report(im, seed,
			       i ? "is there without overlayfs, and not listed"
				 : "is there with overlayfs, and not listed",
			       name, folder);
		}
	if (im->odd || views[0].refused || views[1].refused)
		return;
	for (size_t k = 0; k < names.n; k++) {
		if (hm_strs_has(&views[0].names, names.p[k]) ||
		    hm_strs_has(&views[1].names, names.p[k]))
			continue;
		t->invented++;
		report(im, seed, "is listed, and nowhere", names.p[k], folder);
	}
}

int main(int argc, char **argv)
{
	uint64_t seed, count;
	if (argc < 4 || !hm_u64(hm_cstr(argv[2]), UINT64_MAX, &seed) ||
	    !hm_u64(hm_cstr(argv[3]), 100000000, &count)) {
		fprintf(stderr, "usage: hostile ORACLE SEED COUNT [FOLDER]\n");
		return 2;
	}
	struct oracle o = start_oracle(argv[1]);
	struct tally t = { 0 };
	/* So many at once that neither waits for the other, and no more than their pipes hold. */
	enum { AHEAD = 32 };
	struct hm_cx cx[AHEAD];
	struct hostile_image im[AHEAD];
	for (uint64_t i = 0; i < count + AHEAD && t.missed + t.invented < 20; i++) {
		size_t k = i % AHEAD;
		struct view views[2];
		if (i >= AHEAD && i - AHEAD < count) {
			for (int way = 0; way < 2; way++)
				views[way] = read_view(&cx[k], &o);
			compare(&cx[k], &im[k], seed + i - AHEAD, views, &t,
				argc > 4 ? argv[4] : NULL);
			hm_cx_done(&cx[k]);
		}
		if (i >= count)
			continue;
		cx[k] = HM_CX(SIZE_MAX);
		hostile_image_make(&cx[k], seed + i, &im[k]);
		ask(&o, &im[k]);
	}
	fclose(o.to);
	int status;
	waitpid(o.pid, &status, 0);
	printf("# %u images from seed %" PRIu64
	       ": %u read, %u refused; %u are refused by runtimes both ways; "
	       "%u packages that these show\n",
	       t.images, seed, t.taken, t.refused, t.by_both, t.packages);
	printf("1..3\n");
	printf("%sok 1 - each package that a runtime shows is listed\n", t.missed ? "not " : "");
	printf("%sok 2 - no package is listed that no runtime shows\n", t.invented ? "not " : "");
	printf("%sok 3 - most images are read, and have packages\n",
	       t.taken * 2 > t.images && t.packages > t.images / 2 ? "" : "not ");
	return t.missed || t.invented;
}
