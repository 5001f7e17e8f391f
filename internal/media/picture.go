package media

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"strings"

	"golang.org/x/image/webp"

	"github.com/herald-publishing/herald/internal/problem"
)

// Picture is what a picture's bytes say of it.
type Picture struct {
	Type          string // MIME type
	Width, Height int    // as shown, after the orientation that the file asks for
	Animated      bool
}

type format struct {
	mime   string
	is     func(head []byte) bool
	config func(io.Reader) (image.Config, error)
	// animated looks at the file from its beginning on.
	animated func(*bufio.Reader) bool
}

func formats() []format {
	starts := func(magic string) func([]byte) bool {
		return func(head []byte) bool { return bytes.HasPrefix(head, []byte(magic)) }
	}
	return []format{
		{"image/jpeg", starts("\xff\xd8\xff"), jpeg.DecodeConfig, func(*bufio.Reader) bool { return false }},
		{"image/png", starts("\x89PNG\r\n\x1a\n"), png.DecodeConfig, animatedPNG},
		{"image/gif", func(h []byte) bool { return starts("GIF87a")(h) || starts("GIF89a")(h) }, gif.DecodeConfig, animatedGIF},
		{"image/webp", func(h []byte) bool { return starts("RIFF")(h) && len(h) >= 12 && string(h[8:12]) == "WEBP" }, webp.DecodeConfig, animatedWebP},
	}
}

// Identify reads what a picture is from its first bytes; a name or an announced type counts for nothing. The errors are
// problems that name what the file is instead, or the reader's own.
func Identify(r io.Reader) (Picture, error) {
	head := bufio.NewReaderSize(r, 4096)
	magic, err := head.Peek(512)
	if err != nil && len(magic) == 0 && err != io.EOF {
		return Picture{}, fmt.Errorf("read the upload: %w", err)
	}
	for _, f := range formats() {
		if !f.is(magic) {
			continue
		}
		var seen bytes.Buffer // at most what the header needs, and r is bounded
		c, err := f.config(io.TeeReader(head, &seen))
		if err != nil || c.Width <= 0 || c.Height <= 0 {
			return Picture{}, problem.New(problem.InvalidContent, "The file is damaged: its picture cannot be read.").On("type")
		}
		if int64(c.Width)*int64(c.Height) > MaxPixels {
			return Picture{}, problem.Newf(problem.InvalidContent, "The picture has %d × %d pixels; at most %d megapixels are taken.",
				c.Width, c.Height, MaxPixels/1_000_000).On("bytes")
		}
		p := Picture{Type: f.mime, Width: c.Width, Height: c.Height}
		if f.mime == "image/jpeg" && lying(seen.Bytes()) {
			p.Width, p.Height = p.Height, p.Width
		}
		p.Animated = f.animated(bufio.NewReader(io.MultiReader(&seen, head)))
		return p, nil
	}
	what := kindOf(magic)
	if what == "" {
		what = "no picture, video or document that can be recognised"
	}
	return Picture{}, problem.Newf(problem.InvalidContent, "The file is %s, whatever its name says. Herald takes JPEG, PNG, GIF and WebP pictures, MP4 and MOV videos, and PDF and office documents.", what).On("type")
}

// kindOf names what people send by mistake; empty = not known.
func kindOf(head []byte) string {
	if len(head) >= 12 && string(head[4:8]) == "ftyp" {
		switch strings.TrimSpace(string(head[8:12])) {
		case "heic", "heix", "heim", "heis", "hevc", "hevx", "mif1", "msf1":
			return "a HEIC picture, as iPhones take them (export it as JPEG)"
		case "avif", "avis":
			return "an AVIF picture"
		case "M4A", "M4B", "M4P":
			return "a sound file"
		case "crx":
			return "a raw picture of a camera"
		}
		return ""
	}
	for _, k := range []struct{ magic, what string }{
		{"\x1a\x45\xdf\xa3", "a WebM or Matroska video (export it as MP4)"},
		{"OggS", "an Ogg file"},
		{"FLV\x01", "a Flash video"},
		{"ID3", "a sound file"},
		{"\x00\x00\x01\xba", "an MPEG-2 video (export it as MP4)"},
		{"BM", "a BMP picture"},
		{"II*\x00", "a TIFF or raw picture"},
		{"MM\x00*", "a TIFF or raw picture"},
		{"8BPS", "a Photoshop document"},
		{"\x00\x00\x01\x00", "an icon"},
		{"\x1f\x8b", "a compressed file"},
	} {
		if bytes.HasPrefix(head, []byte(k.magic)) {
			return k.what
		}
	}
	if bytes.HasPrefix(head, []byte("RIFF")) && len(head) >= 12 {
		switch string(head[8:12]) {
		case "AVI ":
			return "an AVI video (export it as MP4)"
		case "WAVE":
			return "a sound file"
		}
	}
	text := bytes.ToLower(bytes.TrimLeft(head, "\xef\xbb\xbf \t\r\n"))
	switch {
	case bytes.Contains(text, []byte("<svg")):
		return "an SVG drawing"
	case bytes.HasPrefix(text, []byte("<!doctype html")), bytes.HasPrefix(text, []byte("<html")):
		return "a web page"
	}
	return ""
}

// lying tells whether a JPEG is stored lying on its side: its Exif orientation is one of 5 to 8. See
// https://www.cipa.jp/std/documents/download_e.html?DC-008-Translation-2023-E, sections 4.5 and 4.6.4.
func lying(b []byte) bool {
	for at := 2; at+4 <= len(b) && b[at] == 0xff; {
		kind, length := b[at+1], int(binary.BigEndian.Uint16(b[at+2:]))
		if kind == 0xff { // fill
			at++
			continue
		}
		if kind == 0xda || length < 2 || at+2+length > len(b) {
			return false
		}
		if tiff, ok := bytes.CutPrefix(b[at+4:at+2+length], []byte("Exif\x00\x00")); ok && kind == 0xe1 {
			return orientation(tiff) >= 5
		}
		at += 2 + length
	}
	return false
}

// orientation reads the tag 0x0112 of the first directory; 1 when there is none.
func orientation(tiff []byte) int {
	if len(tiff) < 8 {
		return 1
	}
	var order binary.ByteOrder = binary.BigEndian
	if string(tiff[:2]) == "II" {
		order = binary.LittleEndian
	}
	at := int64(order.Uint32(tiff[4:]))
	if at+2 > int64(len(tiff)) {
		return 1
	}
	entries := tiff[at+2:]
	for range order.Uint16(tiff[at:]) {
		if len(entries) < 12 {
			return 1
		}
		if order.Uint16(entries) == 0x0112 {
			if v := int(order.Uint16(entries[8:])); v <= 8 {
				return v
			}
			return 1
		}
		entries = entries[12:]
	}
	return 1
}

// animatedWebP reads the flag of the extended header. https://developers.google.com/speed/webp/docs/riff_container
func animatedWebP(r *bufio.Reader) bool {
	b, _ := r.Peek(21) // too short is not animated
	return len(b) == 21 && string(b[12:16]) == "VP8X" && b[20]&0x02 != 0
}

// animatedPNG looks for the chunk that has to stand before the picture's data. https://www.w3.org/TR/png-3/#acTL-chunk
func animatedPNG(r *bufio.Reader) bool {
	if _, err := r.Discard(8); err != nil {
		return false
	}
	for {
		b, err := r.Peek(8)
		if err != nil {
			return false
		}
		switch string(b[4:]) {
		case "acTL":
			return true
		case "IDAT", "IEND":
			return false
		}
		// body and checksum
		if !skip(r, 12+int64(binary.BigEndian.Uint32(b))) {
			return false
		}
	}
}

// animatedGIF looks for a second picture as far as r reaches. https://www.w3.org/Graphics/GIF/spec-gif89a.txt
func animatedGIF(r *bufio.Reader) bool {
	head := make([]byte, 13)
	if _, err := io.ReadFull(r, head); err != nil || !skip(r, table(head[10])) {
		return false
	}
	for pictures := 0; ; {
		kind, err := r.ReadByte()
		if err != nil {
			return false
		}
		switch kind {
		case '!': // an extension: its label and its blocks
			if !skip(r, 1) {
				return false
			}
		case ',':
			if pictures++; pictures == 2 {
				return true
			}
			d := make([]byte, 9)
			if _, err := io.ReadFull(r, d); err != nil || !skip(r, table(d[8])+1) {
				return false
			}
		default:
			return false
		}
		for {
			n, err := r.ReadByte()
			if err != nil || !skip(r, int64(n)) {
				return false
			}
			if n == 0 {
				break
			}
		}
	}
}

// table is the size in bytes of the colours that follow a GIF header with these flags.
func table(flags byte) int64 {
	if flags&0x80 == 0 {
		return 0
	}
	return 3 << (flags&7 + 1)
}

func skip(r io.Reader, n int64) bool {
	_, err := io.CopyN(io.Discard, r, n)
	return err == nil
}
