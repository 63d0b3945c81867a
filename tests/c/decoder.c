/* The framings alone: any split of the bytes gives the same messages; encoding says how much room it needs. */

#include "harness.h"

static const int32_t FRAMINGS[] = {RUSTCHAT_FRAMING_LINE, RUSTCHAT_FRAMING_U32BE, RUSTCHAT_FRAMING_U32LE,
                                   RUSTCHAT_FRAMING_MULTIPROCESSING};
static const char *const MESSAGES[] = {"", "a", "hello world", "", "\xe7\xbe\xa4\xe8\x81\x8a", "last"};

#define COUNT(array) (sizeof(array) / sizeof *(array))

static rustchat_decoder *new_decoder(int32_t framing, size_t limit)
{
    rustchat_decoder *decoder = NULL;
    CHECK_OK(rustchat_decoder_new(framing, limit, &decoder));
    CHECK(decoder != NULL);
    return decoder;
}

static size_t encode_all(int32_t framing, unsigned char *wire, size_t cap)
{
    size_t length = 0;
    for (size_t i = 0; i < COUNT(MESSAGES); i++) {
        size_t written = 0;
        CHECK_OK(rustchat_frame_encode(framing, MESSAGES[i], strlen(MESSAGES[i]), wire + length, cap - length, &written));
        length += written;
    }
    return length;
}

/* Takes what is whole; returns how many messages have come in all. */
static size_t take_whole(rustchat_decoder *decoder, size_t seen)
{
    rustchat_bytes frame;
    int32_t status;
    while ((status = rustchat_decoder_next(decoder, &frame)) == RUSTCHAT_OK) {
        CHECK(seen < COUNT(MESSAGES));
        CHECK_BYTES(MESSAGES[seen], frame);
        seen++;
    }
    CHECK_STATUS(RUSTCHAT_EAGAIN, status);
    CHECK(frame.data == NULL && frame.len == 0);
    return seen;
}

static void decode_in_pieces(int32_t framing, const unsigned char *wire, size_t length, size_t piece)
{
    rustchat_decoder *decoder = new_decoder(framing, 0);
    size_t seen = 0;
    for (size_t at = 0; at < length; at += piece) {
        /* From memory of its own size, so that a read past the end is found. */
        size_t count = length - at < piece ? length - at : piece;
        unsigned char *copy = malloc(count);
        CHECK(copy != NULL);
        memcpy(copy, wire + at, count);
        CHECK_OK(rustchat_decoder_push(decoder, copy, count));
        free(copy);
        seen = take_whole(decoder, seen);
    }
    CHECK_NUMBER(COUNT(MESSAGES), seen);
    rustchat_decoder_free(decoder);
}

static void test_any_piece_size_gives_the_same(void)
{
    unsigned char wire[256];
    for (size_t i = 0; i < COUNT(FRAMINGS); i++) {
        size_t length = encode_all(FRAMINGS[i], wire, sizeof wire);
        for (size_t piece = 1; piece <= length; piece++) {
            decode_in_pieces(FRAMINGS[i], wire, length, piece);
        }
    }
}

static void test_any_split_in_two_gives_the_same(void)
{
    unsigned char wire[256];
    for (size_t i = 0; i < COUNT(FRAMINGS); i++) {
        size_t length = encode_all(FRAMINGS[i], wire, sizeof wire);
        for (size_t split = 0; split <= length; split++) {
            rustchat_decoder *decoder = new_decoder(FRAMINGS[i], 0);
            size_t seen;
            CHECK_OK(rustchat_decoder_push(decoder, wire, split));
            seen = take_whole(decoder, 0);
            CHECK_OK(rustchat_decoder_push(decoder, wire + split, length - split));
            CHECK_NUMBER(COUNT(MESSAGES), take_whole(decoder, seen));
            rustchat_decoder_free(decoder);
        }
    }
}

static void test_the_wire_is_what_the_header_says(void)
{
    static const struct {
        int32_t framing;
        const char *wire;
        size_t length;
    } expected[] = {
        {RUSTCHAT_FRAMING_DEFAULT, "\0\0\0\2hi", 6}, {RUSTCHAT_FRAMING_LINE, "hi\n", 3},
        {RUSTCHAT_FRAMING_U32BE, "\0\0\0\2hi", 6},   {RUSTCHAT_FRAMING_U32LE, "\2\0\0\0hi", 6},
        {RUSTCHAT_FRAMING_MULTIPROCESSING, "\0\0\0\2hi", 6},
    };
    for (size_t i = 0; i < COUNT(expected); i++) {
        char wire[14];
        size_t written = 0;
        CHECK_OK(rustchat_frame_encode(expected[i].framing, "hi", 2, wire, sizeof wire, &written));
        CHECK_NUMBER(expected[i].length, written);
        CHECK(memcmp(expected[i].wire, wire, written) == 0);
    }
}

static void test_encoding_says_how_much_room_it_needs(void)
{
    for (size_t i = 0; i < COUNT(FRAMINGS); i++) {
        char wire[32];
        size_t needed = 0, written = 9;
        CHECK_STATUS(RUSTCHAT_EBUFSIZE, rustchat_frame_encode(FRAMINGS[i], "message", 7, NULL, 0, &needed));
        CHECK(needed > 7 && needed <= 7 + 12);
        memset(wire, 'x', sizeof wire);
        CHECK_STATUS(RUSTCHAT_EBUFSIZE, rustchat_frame_encode(FRAMINGS[i], "message", 7, wire, needed - 1, &written));
        CHECK(written == needed && wire[0] == 'x');
        CHECK_OK(rustchat_frame_encode(FRAMINGS[i], "message", 7, wire, needed, &written));
        CHECK(written == needed && wire[needed] == 'x');
    }
}

static void test_what_does_not_fit_the_framing_is_refused(void)
{
    static char big[8193];
    char wire[16];
    size_t written = 9;
    memset(big, 'x', sizeof big);
    CHECK_STATUS(RUSTCHAT_EINVAL, rustchat_frame_encode(RUSTCHAT_FRAMING_LINE, "a\nb", 3, wire, 16, &written));
    CHECK_NUMBER(0, written);
    CHECK_STATUS(RUSTCHAT_EINVAL, rustchat_frame_encode(RUSTCHAT_FRAMING_LINE, "a\r", 2, wire, 16, &written));
    CHECK_STATUS(RUSTCHAT_EMSGSIZE, rustchat_frame_encode(RUSTCHAT_FRAMING_LINE, big, 8193, wire, 16, &written));
    CHECK_NUMBER(0, written);
    CHECK_STATUS(RUSTCHAT_EBUFSIZE, rustchat_frame_encode(RUSTCHAT_FRAMING_LINE, big, 8192, wire, 16, &written));
    CHECK_NUMBER(8193, written);
}

static void test_a_carriage_return_belongs_to_the_end_of_a_line(void)
{
    rustchat_decoder *decoder = new_decoder(RUSTCHAT_FRAMING_LINE, 0);
    rustchat_bytes frame;
    CHECK_OK(rustchat_decoder_push(decoder, "hi\r\n", 4));
    CHECK_OK(rustchat_decoder_next(decoder, &frame));
    CHECK_BYTES("hi", frame);
    rustchat_decoder_free(decoder);
}

/* Good messages before the fault come out; the fault stays. */
static void expect_fault(int32_t framing, size_t limit, const char *wire, size_t length, int32_t fault)
{
    rustchat_decoder *decoder = new_decoder(framing, limit);
    rustchat_bytes frame;
    size_t written;
    char good[16];
    int32_t status;
    CHECK_OK(rustchat_frame_encode(framing, "ok", 2, good, sizeof good, &written));
    CHECK_OK(rustchat_decoder_push(decoder, good, written));
    status = rustchat_decoder_push(decoder, wire, length);
    CHECK(status == RUSTCHAT_OK || status == fault);
    CHECK_OK(rustchat_decoder_next(decoder, &frame));
    CHECK_BYTES("ok", frame);
    CHECK_STATUS(fault, rustchat_decoder_next(decoder, &frame));
    CHECK(frame.data == NULL && frame.len == 0);
    CHECK_STATUS(fault, rustchat_decoder_next(decoder, &frame));
    CHECK_STATUS(fault, rustchat_decoder_push(decoder, good, written));
    rustchat_decoder_free(decoder);
}

static void test_a_fault_is_final(void)
{
    expect_fault(RUSTCHAT_FRAMING_U32BE, 10, "\0\0\0\x0b", 4, RUSTCHAT_EMSGSIZE);
    expect_fault(RUSTCHAT_FRAMING_U32LE, 10, "\x0b\0\0\0", 4, RUSTCHAT_EMSGSIZE);
    expect_fault(RUSTCHAT_FRAMING_U32LE, 0, "\0\0\0\x80", 4, RUSTCHAT_EPROTO);
    expect_fault(RUSTCHAT_FRAMING_LINE, 4, "12345", 5, RUSTCHAT_EMSGSIZE);
    expect_fault(RUSTCHAT_FRAMING_MULTIPROCESSING, 0, "\x80\0\0\0", 4, RUSTCHAT_EPROTO);
    expect_fault(RUSTCHAT_FRAMING_MULTIPROCESSING, 0, "\xff\xff\xff\xff\0\0\0\0\0\0\0\1", 12, RUSTCHAT_EPROTO);
    expect_fault(RUSTCHAT_FRAMING_MULTIPROCESSING, 0, "\xff\xff\xff\xff\0\0\0\0\x80\0\0\0", 12, RUSTCHAT_EMSGSIZE);
    expect_fault(RUSTCHAT_FRAMING_U32BE, 0, "\xff\xff\xff\xff", 4, RUSTCHAT_EMSGSIZE);
}

/* A generator of its own: the same numbers everywhere. */
static uint32_t next_random(uint32_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state;
}

static void test_no_bytes_break_it(void)
{
    uint32_t state = 2463534242u;
    for (int round = 0; round < 400; round++) {
        rustchat_decoder *decoder = new_decoder(FRAMINGS[round % 4], 64);
        rustchat_bytes frame;
        int32_t status = RUSTCHAT_OK;
        for (int step = 0; step < 20 && (status == RUSTCHAT_OK || status == RUSTCHAT_EAGAIN); step++) {
            unsigned char data[16];
            size_t length = next_random(&state) % sizeof data;
            for (size_t i = 0; i < length; i++) {
                data[i] = next_random(&state) % 3 == 0 ? (unsigned char)next_random(&state) : 0;
            }
            status = rustchat_decoder_push(decoder, data, length);
            while (status == RUSTCHAT_OK) {
                status = rustchat_decoder_next(decoder, &frame);
                CHECK(status != RUSTCHAT_OK || frame.len <= 64);
            }
            CHECK(status == RUSTCHAT_EAGAIN || status == RUSTCHAT_EMSGSIZE || status == RUSTCHAT_EPROTO);
        }
        rustchat_decoder_free(decoder);
    }
}

int main(void)
{
    watchdog(300);
    RUN(test_any_piece_size_gives_the_same);
    RUN(test_any_split_in_two_gives_the_same);
    RUN(test_the_wire_is_what_the_header_says);
    RUN(test_encoding_says_how_much_room_it_needs);
    RUN(test_what_does_not_fit_the_framing_is_refused);
    RUN(test_a_carriage_return_belongs_to_the_end_of_a_line);
    RUN(test_a_fault_is_final);
    RUN(test_no_bytes_break_it);
    return finish();
}
