// Package clip makes small MP4 and MOV files for tests and demonstrations: every box that says what a video is, and no
// picture data that could be played.
package clip

import (
	"bytes"
	"encoding/binary"
)

// Spec is the file to make. Zero values are a 3 second 540 × 960 MP4 with 30 pictures a second.
type Spec struct {
	Width, Height int
	DurationMs    int
	FrameRate     int
	Codec         string // four letters; empty = "avc1"
	Brand         string // four letters; empty = "isom", "qt  " makes a MOV
	Bytes         int    // least size of the whole; the rest is filled
	Rotated       bool   // stored lying, shown standing: the matrix turns it by 90 degrees
	MoovLast      bool   // the description comes after the data, as cameras write it
	NoPicture     bool   // the picture track is missing
}

// Make builds the file.
func Make(s Spec) []byte {
	if s.Width == 0 {
		s.Width, s.Height = 540, 960
	}
	if s.DurationMs == 0 {
		s.DurationMs = 3000
	}
	if s.FrameRate == 0 {
		s.FrameRate = 30
	}
	if s.Codec == "" {
		s.Codec = "avc1"
	}
	if s.Brand == "" {
		s.Brand = "isom"
	}
	head := box("ftyp", []byte(s.Brand), u32(512), []byte(s.Brand))
	moov := box("moov", mvhd(s.DurationMs), sound(s), picture(s))
	fill := max(s.Bytes-len(head)-len(moov)-8, 16)
	data := box("mdat", bytes.Repeat([]byte{0x2a}, fill))
	if s.MoovLast {
		return join(head, data, moov)
	}
	return join(head, moov, data)
}

func join(parts ...[]byte) []byte { return bytes.Join(parts, nil) }

func box(kind string, parts ...[]byte) []byte {
	body := bytes.Join(parts, nil)
	return join(u32(len(body)+8), []byte(kind), body)
}

func u32(n int) []byte  { return binary.BigEndian.AppendUint32(nil, uint32(n)) } //nolint:gosec // small numbers of our own
func u16(n int) []byte  { return binary.BigEndian.AppendUint16(nil, uint16(n)) } //nolint:gosec // small numbers of our own
func zero(n int) []byte { return make([]byte, n) }

func mvhd(ms int) []byte {
	return box("mvhd", zero(4), zero(8), u32(1000), u32(ms), zero(80))
}

func matrix(rotated bool) []byte {
	one, minus := u32(0x10000), []byte{0xff, 0xff, 0, 0}
	if rotated {
		return join(u32(0), one, u32(0), minus, u32(0), u32(0), u32(0), u32(0), u32(0x40000000))
	}
	return join(one, u32(0), u32(0), u32(0), one, u32(0), u32(0), u32(0), u32(0x40000000))
}

func track(ms int, turn bool, width, height int, handler string, entry, stts []byte) []byte {
	tkhd := box("tkhd", u32(7), zero(8), u32(1), zero(4), u32(ms), zero(16), matrix(turn), u32(width<<16), u32(height<<16))
	mdhd := box("mdhd", zero(4), zero(8), u32(90_000), u32(ms*90), zero(4))
	hdlr := box("hdlr", zero(8), []byte(handler), zero(13))
	stbl := box("stbl", box("stsd", zero(4), u32(1), entry), stts)
	return box("trak", tkhd, box("mdia", mdhd, hdlr, box("minf", stbl)))
}

// sound comes first: a reader must look for the picture track, not take the first one.
func sound(s Spec) []byte {
	return track(s.DurationMs, false, 0, 0, "soun", box("mp4a", zero(28)), box("stts", zero(4), u32(1), u32(100), u32(900)))
}

func picture(s Spec) []byte {
	if s.NoPicture {
		return nil
	}
	width, height := s.Width, s.Height
	if s.Rotated {
		width, height = height, width
	}
	entry := box(s.Codec, zero(24), u16(width), u16(height), zero(50))
	frames := s.DurationMs * s.FrameRate / 1000
	return track(s.DurationMs, s.Rotated, width, height, "vide", entry, box("stts", zero(4), u32(1), u32(frames), u32(90_000/s.FrameRate)))
}
