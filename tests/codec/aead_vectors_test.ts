// Published vectors, as facts with their section, on every codec.

import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { fromHex, toHex } from "../noise/hex.ts";
import { freshCodecs, freshWasmCodecs } from "./codecs.ts";

const SUNSCREEN = new TextEncoder().encode(
  "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it.",
);
const KEY_80 = fromHex("808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f");
const AAD = fromHex("50515253c0c1c2c3c4c5c6c7");

for (const { name, codec } of freshCodecs()) {
  test(`${name}: ChaCha20-Poly1305 of RFC 8439 section 2.8.2`, () => {
    const aead = codec.chacha20poly1305(KEY_80, fromHex("070000004041424344454647"), AAD);
    const sealed = aead.encrypt(SUNSCREEN);
    assertEquals(
      toHex(sealed),
      "d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d6" +
        "3dbea45e8ca9671282fafb69da92728b1a71de0a9e060b2905d6a5b67ecd3b36" +
        "92ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc" +
        "3ff4def08e4b7a9de576d26586cec64b6116" + "1ae10b594f09e26a7e902ecbd0600691",
    );
    assertEquals(aead.decrypt(sealed), SUNSCREEN);
  });

  test(`${name}: decryption of RFC 8439 appendix A.5`, () => {
    const aead = codec.chacha20poly1305(
      fromHex("1c9240a5eb55d38af333888604f6b5f0473917c1402b80099dca5cbc207075c0"),
      fromHex("000000000102030405060708"),
      fromHex("f33388860000000000004e91"),
    );
    const text = aead.decrypt(fromHex(
      "64a0861575861af460f062c79be643bd5e805cfd345cf389f108670ac76c8cb24c6cfc18755d43eea09ee94e382d26b0" +
        "bdb7b73c321b0100d4f03b7f355894cf332f830e710b97ce98c8a84abd0b948114ad176e008d33bd60f982b1ff37c855" +
        "9797a06ef4f0ef61c186324e2b3506383606907b6a7c02b0f9f6157b53c867e4b9166c767b804d46a59b5216cde7a4e9" +
        "9040c5a40433225ee282a1b0a06c523eaf4534d7f83fa1155b0047718cbc546a0d072b04b3564eea1b422273f548271a" +
        "0bb2316053fa76991955ebd63159434ecebb4e466dae5a1073a6727627097a1049e617d91d361094fa68f0ff77987130" +
        "305beaba2eda04df997b714d6c6f2c29a6ad5cb4022b02709b" + "eead9d67890cbb22392336fea1851f38",
    ));
    assertEquals(
      new TextDecoder().decode(text),
      "Internet-Drafts are draft documents valid for a maximum of six months and may be updated, replaced, or " +
        "obsoleted by other documents at any time. It is inappropriate to use Internet-Drafts as reference " +
        "material or to cite them other than as /\u201cwork in progress./\u201d",
    );
  });

  test(`${name}: XChaCha20-Poly1305 of draft-irtf-cfrg-xchacha-03 appendix A.3.1`, () => {
    const aead = codec.xchacha20poly1305(
      KEY_80,
      fromHex("404142434445464748494a4b4c4d4e4f5051525354555657"),
      AAD,
    );
    const sealed = aead.encrypt(SUNSCREEN);
    assertEquals(
      toHex(sealed),
      "bd6d179d3e83d43b9576579493c0e939572a1700252bfaccbed2902c21396cbb" +
        "731c7f1b0b4aa6440bf3a82f4eda7e39ae64c6708c54c216cb96b72e1213b452" +
        "2f8c9ba40db5d945b11b69b982c1bb9e3f3fac2bc369488f76b2383565d3fff9" +
        "21f9664c97637da9768812f615c68b13b52e" + "c0875924c1c7987947deafd8780acf49",
    );
    assertEquals(aead.decrypt(sealed), SUNSCREEN);
  });
}

// Key (r, s), message, tag: what makes carries and reductions go wrong.
const POLY1305_CASES = [
  ["1", "00".repeat(32), "00".repeat(64), "00".repeat(16)],
  ["7", "02" + "00".repeat(31), "ff".repeat(16), "03" + "00".repeat(15)],
  ["8", "02" + "00".repeat(15) + "ff".repeat(16), "02" + "00".repeat(15), "03" + "00".repeat(15)],
  [
    "9",
    "01" + "00".repeat(31),
    "ff".repeat(16) + "f0" + "ff".repeat(15) + "11" + "00".repeat(15),
    "05" + "00".repeat(15),
  ],
  ["10", "01" + "00".repeat(31), "ff".repeat(16) + "fb" + "fe".repeat(15) + "01".repeat(16), "00".repeat(16)],
  ["11", "02" + "00".repeat(31), "fd" + "ff".repeat(15), "fa" + "ff".repeat(15)],
] as const;

for (const { name, codec } of freshWasmCodecs()) {
  const { core } = codec;

  test(`${name}: ChaCha20 of RFC 8439 section 2.4.2`, () => {
    core.setKey(
      fromHex("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f000000000000004a00000000"),
    );
    core.exports.streamStart(0);
    core.bytes.set(SUNSCREEN, core.map.work);
    core.exports.streamSeal(1, SUNSCREEN.length);
    assertEquals(
      toHex(core.bytes.slice(core.map.work, core.map.work + SUNSCREEN.length)),
      "6e2e359a2568f98041ba0728dd0d6981e97e7aec1d4360c20a27afccfd9fae0b" +
        "f91b65c5524733ab8f593dabcd62b3571639d624e65152ab8f530c359f0861d8" +
        "07ca0dbf500d6a6156a38e088a22b65e52bc514d16ccf806818ce91ab7793736" +
        "5af90bbf74a35be6b40b8eedf2785e42874d",
    );
  });

  test(`${name}: HChaCha20 of draft-irtf-cfrg-xchacha-03 section 2.2.1`, () => {
    core.setKey(
      fromHex(
        "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f000000090000004a0000000031415927",
      ),
    );
    core.exports.hchachaOnce();
    assertEquals(
      toHex(core.bytes.slice(core.map.work, core.map.work + 32)),
      "82413b4227b27bfed30e42508a877d73a0f9e4d58a74a853c12ec41326d3ecdc",
    );
  });

  for (const [number, key, message, tag] of POLY1305_CASES) {
    test(`${name}: Poly1305 of RFC 8439 appendix A.3, vector ${number}`, () => {
      core.setKey(fromHex(key));
      core.bytes.set(fromHex(message), core.map.work);
      core.exports.polyOnce(message.length / 32);
      assertEquals(toHex(core.bytes.slice(core.map.work, core.map.work + 16)), tag);
    });
  }
}
