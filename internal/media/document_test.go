package media_test

import (
	"archive/zip"
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/media"
	"github.com/herald-publishing/herald/internal/problem"
)

func identify(b []byte) (media.Document, error) {
	return media.IdentifyDocument(bytes.NewReader(b), int64(len(b)))
}

// plainPDF has a cross-reference of lines, and as many empty changes behind it as asked for.
func plainPDF(pages, changes int) []byte {
	var b bytes.Buffer
	b.WriteString("%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
	var at []int
	for i, o := range []string{
		"<</Type/Catalog/Pages 2 0 R/Lang(en \\(GB\\) (x))>>",
		"<</Type/Pages /Kids [ 3 0 R ] /Count 4 0 R /MediaBox[0 0 595.2 842]>>",
		"<</Type/Page/Parent 2 0 R/Contents<</Count 99>>>>", strconv.Itoa(pages),
	} {
		at = append(at, b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	xref := b.Len()
	b.WriteString("xref\n0 5\n0000000000 65535 f \n")
	for _, n := range at {
		fmt.Fprintf(&b, "%010d 00000 n \n", n)
	}
	fmt.Fprintf(&b, "trailer\n<</Size 5/Root 1 0 R/ID[<aa><bb>]>>\nstartxref\n%d\n%%%%EOF\n", xref)
	for range changes {
		next := b.Len()
		fmt.Fprintf(&b, "xref\n0 0\ntrailer\n<</Size 5/Root 1 0 R/Prev %d>>\nstartxref\n%d\n%%%%EOF\n", xref, next)
		xref = next
	}
	return b.Bytes()
}

func deflated(b []byte) []byte {
	var out bytes.Buffer
	z := zlib.NewWriter(&out)
	_, _ = z.Write(b)
	_ = z.Close()
	return out.Bytes()
}

// packedPDF has its objects in a stream and its cross-reference in another one, filtered as PNG does it.
func packedPDF(pages int) []byte {
	var b bytes.Buffer
	b.WriteString("%PDF-1.7\n")
	first, second := "<</Type/Catalog/Pages 2 0 R>>", fmt.Sprintf("<</Type/Pages/Kids[]/Count %d>>", pages)
	head := fmt.Sprintf("1 0 2 %d ", len(first)+1)
	objects := deflated([]byte(head + first + " " + second))
	holder := b.Len()
	fmt.Fprintf(&b, "3 0 obj\n<</Type/ObjStm/N 2/First %d/Filter/FlateDecode/Length %d>>\nstream\r\n", len(head), len(objects))
	b.Write(objects)
	b.WriteString("\nendstream\nendobj\n")
	at := b.Len()
	rows := [][]byte{{0, 0, 0, 0}, {2, 0, 3, 0}, {2, 0, 3, 1}, {1, byte(holder >> 8), byte(holder), 0}, {1, byte(at >> 8), byte(at), 0}} //nolint:gosec // a small file
	var filtered []byte
	above := make([]byte, 4)
	for _, row := range rows {
		filtered = append(filtered, 2) // Up
		for i := range row {
			filtered = append(filtered, row[i]-above[i])
		}
		above = row
	}
	table := deflated(filtered)
	fmt.Fprintf(&b, "4 0 obj\n<</Type/XRef/Size 5/Root 1 0 R/W[1 2 1]/Filter[/FlateDecode]/DecodeParms<</Predictor 12/Columns 4>>/Length %d>>\nstream\n", len(table))
	b.Write(table)
	fmt.Fprintf(&b, "\nendstream\nendobj\nstartxref\n%d\n%%%%EOF", at)
	return b.Bytes()
}

func officeFile(tb testing.TB, main string, names ...string) []byte {
	tb.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	add := func(name, text string) {
		f, err := w.Create(name)
		require.NoError(tb, err)
		_, err = f.Write([]byte(text))
		require.NoError(tb, err)
	}
	if main != "" {
		add("[Content_Types].xml", `<Types><Override ContentType="`+main+`"/></Types>`)
	}
	for _, n := range names {
		add(n, "<x/>")
	}
	require.NoError(tb, w.Close())
	return b.Bytes()
}

// oldOfficeFile is a compound file whose directory is in two sectors that do not lie behind each other.
func oldOfficeFile(stream string) []byte {
	const end = 0xfffffffe
	b := make([]byte, 512*5) // head, table of sectors, directory, something else, directory
	copy(b, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
	le := binary.LittleEndian
	le.PutUint16(b[30:], 9)
	le.PutUint32(b[48:], 1)
	le.PutUint32(b[76:], 0)
	for i, next := range []uint32{0xfffffffd, 3, end, end} {
		le.PutUint32(b[512+4*i:], next)
	}
	entry := func(at int, name string) {
		for i, u := range utf16.Encode([]rune(name)) {
			le.PutUint16(b[at+2*i:], u)
		}
		le.PutUint16(b[at+64:], uint16(2*len(name)+2)) //nolint:gosec // short
	}
	entry(1024, "Root Entry")
	entry(2048, stream)
	return b
}

const (
	pptx = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
	docx = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
)

func TestDocumentsAreReadFromTheirBytes(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		file []byte
		want media.Document
	}{
		"PDF":                                 {plainPDF(12, 0), media.Document{Type: "application/pdf", Pages: 12}},
		"PDF that was changed":                {plainPDF(12, 5), media.Document{Type: "application/pdf", Pages: 12}},
		"PDF with streams":                    {packedPDF(300), media.Document{Type: "application/pdf", Pages: 300}},
		"PDF whose pages cannot be told":      {[]byte("%PDF-1.4\nstartxref\n99999\n%%EOF"), media.Document{Type: "application/pdf"}},
		"PDF that counts against all reason":  {plainPDF(1_000_000, 0), media.Document{Type: "application/pdf"}},
		"PDF whose cross-reference is a ring": {[]byte("%PDF-1.4\nxref\n0 0\ntrailer<</Prev 9>>startxref\n9\n%%EOF"), media.Document{Type: "application/pdf"}},
		"PPTX":                                {officeFile(t, pptx+".main+xml", "ppt/slides/slide1.xml", "ppt/slides/slide2.xml", "ppt/slides/_rels/slide1.xml.rels"), media.Document{Type: pptx, Pages: 2}},
		"DOCX":                                {officeFile(t, docx+".main+xml", "word/document.xml"), media.Document{Type: docx}},
		"PPT":                                 {oldOfficeFile("PowerPoint Document"), media.Document{Type: "application/vnd.ms-powerpoint"}},
		"DOC":                                 {oldOfficeFile("WordDocument"), media.Document{Type: "application/msword"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := identify(c.file)
			require.NoError(t, err)
			require.Equal(t, c.want, got)
		})
	}
}

func TestWhatIsNoDocumentIsNamed(t *testing.T) {
	t.Parallel()
	for what, file := range map[string][]byte{
		"its end is missing":              plainPDF(3, 0)[:100],
		"a ZIP archive":                   officeFile(t, "", "photos/1.jpg"),
		"another kind of office document": officeFile(t, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"),
		"with macros":                     officeFile(t, "application/vnd.ms-powerpoint.presentation.macroEnabled.main+xml"),
		"cannot be read to its end":       officeFile(t, pptx+".main+xml")[:60],
		"another kind of old office":      oldOfficeFile("Workbook"),
		"protected by a password":         oldOfficeFile("EncryptedPackage"),
		"its table of contents":           []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + strings.Repeat("\x00", 600)),
	} {
		_, err := identify(file)
		require.Equal(t, problem.InvalidContent, problem.ClassOf(err), what)
		require.ErrorContains(t, err, what)
	}
}

type brokenReader struct{}

func (brokenReader) ReadAt([]byte, int64) (int, error) { return 0, errors.New("S3 is away") }

// A file must not be refused because it could not be read.
func TestAReadersErrorIsNoStatementAboutTheFile(t *testing.T) {
	t.Parallel()
	_, err := media.IdentifyDocument(brokenReader{}, 1000)
	require.ErrorContains(t, err, "S3 is away")
	good := plainPDF(3, 0)
	_, err = media.IdentifyDocument(&failsLater{Reader: bytes.NewReader(append(good, make([]byte, 1<<20)...))}, int64(len(good)+1<<20))
	require.ErrorContains(t, err, "S3 is away")
}

type failsLater struct {
	*bytes.Reader
	read bool
}

func (f *failsLater) ReadAt(p []byte, at int64) (int, error) {
	if f.read {
		return 0, errors.New("S3 is away")
	}
	f.read = true
	return f.Reader.ReadAt(p, at)
}

func FuzzIdentifyDocument(f *testing.F) {
	for _, b := range [][]byte{
		plainPDF(3, 2), packedPDF(3), officeFile(f, pptx+".main+xml", "ppt/slides/slide1.xml"), oldOfficeFile("WordDocument"), []byte("%PDF-1.7\n%%EOF"),
	} {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		d, err := identify(b)
		if err != nil {
			require.Equal(t, problem.InvalidContent, problem.ClassOf(err), "the bytes are all there: %v", err)
			return
		}
		require.NotEmpty(t, d.Type)
		require.GreaterOrEqual(t, d.Pages, 0)
		require.LessOrEqual(t, d.Pages, len(b))
	})
}

var _ io.ReaderAt = brokenReader{}
