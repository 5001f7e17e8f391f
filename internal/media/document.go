package media

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf16"

	"github.com/herald-publishing/herald/internal/problem"
)

// The types of documents.
const (
	pdfType  = "application/pdf"
	pptxType = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
	docxType = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
	pptType  = "application/vnd.ms-powerpoint"
	docType  = "application/msword"
)

func documentTypes() []string { return []string{pdfType, pptxType, docxType, pptType, docType} }

// Document is what a document's bytes say of it.
type Document struct {
	Type  string // MIME type
	Pages int    // of a PDF, slides of a PPTX; 0 = not known
}

// The first bytes of a document's container.
const (
	pdfMagic = "%PDF-"
	zipMagic = "PK\x03\x04"
	cfbMagic = "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
)

func isDocument(magic []byte) bool {
	for _, m := range []string{pdfMagic, zipMagic, cfbMagic} {
		if bytes.HasPrefix(magic, []byte(m)) {
			return true
		}
	}
	return false
}

// IdentifyDocument reads what a document is; its name counts for nothing. The errors are problems that name what the file is
// instead, or the reader's own.
func IdentifyDocument(r io.ReaderAt, size int64) (Document, error) {
	b := &blocks{r: r, size: size, kept: map[int64][]byte{}}
	magic := make([]byte, 8)
	if _, err := b.ReadAt(magic, 0); err != nil && !errors.Is(err, io.EOF) {
		return Document{}, fmt.Errorf("read the upload: %w", err)
	}
	var d Document
	var err error
	switch {
	case bytes.HasPrefix(magic, []byte(pdfMagic)):
		d = Document{Type: pdfType, Pages: pdfPages(b, size)}
		if !ended(b, size) {
			err = problem.New(problem.InvalidContent, "The file is damaged: it begins like a PDF document, and its end is missing.").On("type")
		}
	case bytes.HasPrefix(magic, []byte(zipMagic)):
		d, err = office(b, size)
	case bytes.HasPrefix(magic, []byte(cfbMagic)):
		d, err = oldOffice(b, size)
	default:
		err = noDocument("no document that can be recognised")
	}
	if b.failed != nil { // what was concluded from it counts for nothing
		return Document{}, fmt.Errorf("read the upload: %w", b.failed)
	}
	return d, err
}

func noDocument(what string) error {
	return problem.Newf(problem.InvalidContent, "The file is %s, whatever its name says. Herald takes PDF, PPTX, DOCX, PPT and DOC documents.", what).On("type")
}

// ended tells whether a PDF has the mark of its end (ISO 32000-1, 7.5.5), which readers look for in the last kilobyte.
func ended(r io.ReaderAt, size int64) bool {
	tail := make([]byte, min(1024, size))
	_, err := r.ReadAt(tail, size-int64(len(tail)))
	return (err == nil || errors.Is(err, io.EOF)) && bytes.Contains(tail, []byte("%%EOF"))
}

// office tells apart what is in a ZIP archive by the type of its main part.
// https://ecma-international.org/publications-and-standards/standards/ecma-376/
func office(r io.ReaderAt, size int64) (Document, error) {
	archive, err := zip.NewReader(r, size)
	if err != nil {
		return Document{}, problem.New(problem.InvalidContent, "The file is damaged: it begins like an office document, and cannot be read to its end.").On("type")
	}
	var types string
	slides := 0
	for _, f := range archive.File {
		if f.Name == "[Content_Types].xml" {
			types = part(f)
		}
		if strings.HasPrefix(f.Name, "ppt/slides/slide") && strings.HasSuffix(f.Name, ".xml") {
			slides++
		}
	}
	switch {
	case strings.Contains(types, pptxType+".main+xml"):
		return Document{Type: pptxType, Pages: slides}, nil
	case strings.Contains(types, docxType+".main+xml"):
		return Document{Type: docxType}, nil
	case strings.Contains(types, "macroEnabled"):
		return Document{}, noDocument("an office document with macros")
	case types != "":
		return Document{}, noDocument("another kind of office document")
	default:
		return Document{}, noDocument("a ZIP archive")
	}
}

// part reads a small part of an archive; what cannot be read is empty.
func part(f *zip.File) string {
	body, err := f.Open()
	if err != nil {
		return ""
	}
	defer body.Close()
	b, err := io.ReadAll(io.LimitReader(body, 1<<20))
	if err != nil {
		return ""
	}
	return string(b)
}

// mostSectors bounds the directory of an old office document: 128 entries of 4 in each sector are far more than there are.
const mostSectors = 256

// oldOffice tells apart what is in a compound file by the streams in its directory.
// https://learn.microsoft.com/openspecs/windows_protocols/ms-cfb/53989ce4-7b05-4f8d-829b-d08d6148375b
func oldOffice(r io.ReaderAt, size int64) (Document, error) {
	damaged := problem.New(problem.InvalidContent, "The file is damaged: it begins like an old office document, and its table of contents cannot be read.").On("type")
	head := make([]byte, 512)
	if _, err := r.ReadAt(head, 0); err != nil && !errors.Is(err, io.EOF) {
		return Document{}, damaged
	}
	shift := binary.LittleEndian.Uint16(head[30:])
	if shift != 9 && shift != 12 {
		return Document{}, damaged
	}
	sector := int64(1) << shift
	at := binary.LittleEndian.Uint32(head[48:]) // the directory's first sector
	for range mostSectors {
		if int64(at) >= size/sector { // also the end of the chain
			break
		}
		b := make([]byte, sector)
		if _, err := r.ReadAt(b, (int64(at)+1)*sector); err != nil && !errors.Is(err, io.EOF) {
			return Document{}, damaged
		}
		for entry := range int(sector / 128) {
			switch entryName(b[entry*128 : entry*128+128]) {
			case "PowerPoint Document":
				return Document{Type: pptType}, nil
			case "WordDocument":
				return Document{Type: docType}, nil
			case "EncryptedPackage":
				return Document{}, noDocument("an office document that is protected by a password")
			}
		}
		next, ok := nextSector(r, head, at, sector)
		if !ok {
			break
		}
		at = next
	}
	return Document{}, noDocument("another kind of old office document")
}

// entryName is the name in a directory's entry: UTF-16, its length with the final zero in bytes behind it.
func entryName(e []byte) string {
	n := int(binary.LittleEndian.Uint16(e[64:]))
	if n < 2 || n > 64 {
		return ""
	}
	var units []uint16
	for i := 0; i+1 < n-1; i += 2 {
		units = append(units, binary.LittleEndian.Uint16(e[i:]))
	}
	return string(utf16.Decode(units))
}

// nextSector looks the next sector of a chain up in the table of sectors. The head lists its first 109 parts, which
// cover more than the largest document's directory.
func nextSector(r io.ReaderAt, head []byte, at uint32, sector int64) (uint32, bool) {
	n := int64(at) / (sector / 4)
	if n >= 109 {
		return 0, false
	}
	table := binary.LittleEndian.Uint32(head[76+4*n:])
	b := make([]byte, 4)
	if _, err := r.ReadAt(b, (int64(table)+1)*sector+4*(int64(at)%(sector/4))); err != nil {
		return 0, false
	}
	return binary.LittleEndian.Uint32(b), true
}

// blocks reads an object in large blocks and keeps the last ones: each read of the bucket is a request, and the readers of
// documents read a little here and there.
type blocks struct {
	r      io.ReaderAt
	size   int64
	kept   map[int64][]byte
	order  []int64
	failed error // the reader's own
}

const (
	blockBytes = 256 << 10
	keptBlocks = 16
)

// ReadAt implements io.ReaderAt.
func (b *blocks) ReadAt(p []byte, at int64) (int, error) {
	n := 0
	for n < len(p) {
		if at < 0 || at >= b.size {
			return n, io.EOF
		}
		block, err := b.block(at / blockBytes)
		if err != nil {
			return n, err
		}
		took := copy(p[n:], block[min(at%blockBytes, int64(len(block))):])
		if took == 0 {
			return n, io.EOF
		}
		n, at = n+took, at+int64(took)
	}
	return n, nil
}

func (b *blocks) block(n int64) ([]byte, error) {
	if have, ok := b.kept[n]; ok {
		return have, nil
	}
	from := n * blockBytes
	raw := make([]byte, min(blockBytes, b.size-from))
	if _, err := b.r.ReadAt(raw, from); err != nil && !errors.Is(err, io.EOF) {
		b.failed = err
		return nil, err
	}
	if len(b.order) == keptBlocks {
		delete(b.kept, b.order[0])
		b.order = b.order[1:]
	}
	b.kept[n], b.order = raw, append(b.order, n)
	return raw, nil
}
