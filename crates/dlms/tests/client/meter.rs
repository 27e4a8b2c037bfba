//! A meter that answers: written from the standard and with its own use of AES-GCM, so that it can disagree with the
//! client.

use aes::Aes128;
use aes_gcm::{
    AesGcm, KeyInit,
    aead::{AeadInOut, array::Array, consts::U12},
};
use tidstro_dlms::{Data, SystemTitle};

type Gcm = AesGcm<Aes128, U12, U12>;

pub(crate) const METER: SystemTitle = SystemTitle(*b"TIDmeter");
pub(crate) const CLIENT: SystemTitle = SystemTitle(*b"TIDclint");
pub(crate) const EK: [u8; 16] = [0x11; 16];
pub(crate) const AK: [u8; 16] = [0x22; 16];
pub(crate) const PASSWORD: &[u8] = b"12345678";

/// What the meter does wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    None,
    /// Another encryption key.
    Key,
    /// Proves its keys with another authentication key.
    Proof,
    /// Answers in the clear.
    Clear,
    /// Says the same counter again.
    Counter,
    /// Leaves a block out.
    Block,
    /// Answers another request.
    Invoke,
    /// Speaks under another name.
    Title,
}

/// One meter with a load profile of many rows.
pub(crate) struct Meter {
    pub(crate) fault: Fault,
    is_protected: bool,
    needs_password: bool,
    counter: u32,
    c_to_s: Vec<u8>,
    open_value: Vec<u8>,
    block: u32,
    /// Every request in the clear, for tests.
    pub(crate) heard: Vec<Vec<u8>>,
}

pub(crate) const S_TO_C: &[u8] = b"challenge of the meter";
const BLOCK: usize = 100;

impl Meter {
    pub(crate) fn new(is_protected: bool, needs_password: bool) -> Self {
        Self {
            fault: Fault::None,
            is_protected,
            needs_password,
            counter: 100,
            c_to_s: Vec::new(),
            open_value: Vec::new(),
            block: 0,
            heard: Vec::new(),
        }
    }

    pub(crate) fn answer(&mut self, request: &[u8]) -> Vec<u8> {
        match request[0] {
            0x60 => self.associate(request),
            0x62 => vec![0x63, 0x03, 0x80, 0x01, 0x00],
            _ => {
                let clear = if self.is_protected { self.open(request) } else { request.to_vec() };
                self.heard.push(clear.clone());
                let answer = self.serve(&clear);
                if self.is_protected && self.fault != Fault::Clear { self.cipher(&answer) } else { answer }
            }
        }
    }

    /// Accepts, with its title and challenge; rejects a wrong password.
    fn associate(&mut self, request: &[u8]) -> Vec<u8> {
        let value = after(request, &[0xac]).map(|field| field[3..3 + usize::from(field[2])].to_vec());
        let value = value.unwrap_or_default();
        let is_wrong = self.needs_password && value != PASSWORD;
        let has_proof = self.is_protected;
        self.c_to_s = value;
        let context = if self.is_protected { 3 } else { 1 };
        let mut fields = vec![0xa1, 9, 6, 7, 0x60, 0x85, 0x74, 5, 8, 1, context];
        let (result, diagnostic) = match (is_wrong, has_proof) {
            (true, _) => (1, 13),
            (false, true) => (0, 14),
            (false, false) => (0, 0),
        };
        fields.extend([0xa2, 3, 2, 1, result, 0xa3, 5, 0xa1, 3, 2, 1, diagnostic]);
        if has_proof {
            fields.extend([0xa4, 10, 4, 8]);
            fields.extend(METER.0);
            fields.extend([0x88, 2, 7, 0x80, 0x89, 7, 0x60, 0x85, 0x74, 5, 8, 2, 5]);
            let len = u8::try_from(S_TO_C.len()).unwrap();
            fields.extend([0xaa, len + 2, 0x80, len]);
            fields.extend(S_TO_C);
        }
        let initiate = [8, 0, 6, 0x5f, 0x1f, 4, 0, 0, 0x10, 0x15, 4, 0, 0, 7].to_vec();
        let initiate = if self.is_protected { self.cipher(&initiate) } else { initiate };
        let len = u8::try_from(initiate.len()).unwrap();
        fields.extend([0xbe, len + 2, 4, len]);
        fields.extend(initiate);
        [&[0x61, u8::try_from(fields.len()).unwrap()][..], &fields].concat()
    }

    fn serve(&mut self, request: &[u8]) -> Vec<u8> {
        let invoke = if self.fault == Fault::Invoke { request[2] ^ 1 } else { request[2] };
        match (request[0], request[1]) {
            (0xc0, 1) => self.get(invoke, &request[3..]),
            (0xc0, 2) => self.next(invoke),
            (0xc3, 1) if request[3..11] == [0, 15, 0, 0, 40, 0, 0, 255] => self.prove(invoke, &request[15..]),
            (0xc3, 1) => vec![0xc7, 1, invoke, 3],
            _ => vec![0xd8, 2, 2],
        }
    }

    fn get(&mut self, invoke: u8, descriptor: &[u8]) -> Vec<u8> {
        let value = match descriptor[..9] {
            [0, 3, 1, 0, 1, 8, 0, 255, 2] => Data::DoubleLongUnsigned(1712),
            [0, 7, 1, 0, 99, 1, 0, 255, 2] => rows(),
            _ => return vec![0xc4, 1, invoke, 1, 4],
        };
        let value = value.to_bytes();
        if value.len() <= BLOCK {
            return [&[0xc4, 1, invoke, 0][..], &value].concat();
        }
        self.open_value = value;
        self.block = 0;
        self.next(invoke)
    }

    fn next(&mut self, invoke: u8) -> Vec<u8> {
        self.block += if self.fault == Fault::Block && self.block == 1 { 2 } else { 1 };
        let rest = self.open_value.split_off(self.open_value.len().min(BLOCK));
        let part = std::mem::replace(&mut self.open_value, rest);
        let is_last = u8::from(self.open_value.is_empty());
        let number = self.block.to_be_bytes();
        [&[0xc4, 2, invoke, is_last][..], &number, &[0, u8::try_from(part.len()).unwrap()], &part].concat()
    }

    /// Third pass in, fourth pass out.
    fn prove(&mut self, invoke: u8, proof: &[u8]) -> Vec<u8> {
        let (control, counter, tag) =
            (proof[0], u32::from_be_bytes(proof[1..5].try_into().unwrap()), &proof[5..17]);
        let aad = [&[control][..], &AK, S_TO_C].concat();
        assert_eq!((control, tag), (0x10, &seal(&EK, CLIENT, counter, &aad, &mut [])[..]));
        self.counter += 1;
        let other = [0x23; 16];
        let key = if self.fault == Fault::Proof { &other } else { &AK };
        let aad = [&[0x10][..], key, &self.c_to_s].concat();
        let tag = seal(&EK, METER, self.counter, &aad, &mut []);
        let value = [&[0x10][..], &self.counter.to_be_bytes(), &tag].concat();
        [&[0xc7, 1, invoke, 0, 1, 0][..], &Data::OctetString(value.into()).to_bytes()].concat()
    }

    /// A ciphered service of the client.
    fn open(&self, request: &[u8]) -> Vec<u8> {
        let header = if request[1] < 0x80 { 2 } else { 2 + usize::from(request[1] & 0x7f) };
        let counter = u32::from_be_bytes(request[header + 1..header + 5].try_into().unwrap());
        let (content, tag) = request[header + 5..].split_at(request.len() - header - 5 - 12);
        let mut content = content.to_vec();
        let aad = [&[request[header]][..], &AK].concat();
        let nonce = Array::from(nonce(CLIENT, counter));
        let tag = Array::from(<[u8; 12]>::try_from(tag).unwrap());
        let opened =
            Gcm::new(&EK.into()).decrypt_inout_detached(&nonce, &aad, content.as_mut_slice().into(), &tag);
        opened.expect("the client's tag fits");
        content
    }

    fn cipher(&mut self, clear: &[u8]) -> Vec<u8> {
        self.counter += u32::from(self.fault != Fault::Counter);
        let tag = match clear[0] {
            0x08 => 0x28,
            0xc4 => 0xcc,
            0xc7 => 0xcf,
            other => return vec![other; 3],
        };
        let other = [0x12; 16];
        let key = if self.fault == Fault::Key { &other } else { &EK };
        let title = if self.fault == Fault::Title { CLIENT } else { METER };
        let mut content = clear.to_vec();
        let aad = [&[0x30][..], &AK].concat();
        let mac = seal(key, title, self.counter, &aad, &mut content);
        let service = [&[0x30][..], &self.counter.to_be_bytes(), &content, &mac].concat();
        let len = u16::try_from(service.len()).unwrap().to_be_bytes();
        [&[tag, 0x82][..], &len, &service].concat()
    }
}

fn after<'a>(bytes: &'a [u8], tag: &[u8]) -> Option<&'a [u8]> {
    let at = bytes.windows(tag.len()).position(|window| window == tag)?;
    bytes.get(at + tag.len()..)
}

fn nonce(title: SystemTitle, counter: u32) -> [u8; 12] {
    [&title.0[..], &counter.to_be_bytes()].concat().try_into().unwrap()
}

fn seal(key: &[u8; 16], title: SystemTitle, counter: u32, aad: &[u8], buffer: &mut [u8]) -> [u8; 12] {
    let nonce = Array::from(nonce(title, counter));
    Gcm::new(key.into()).encrypt_inout_detached(&nonce, aad, buffer.into()).unwrap().into()
}

/// A buffer of 40 rows: number and value.
pub(crate) fn rows() -> Data {
    let row = |number: u32| {
        Data::Structure(vec![Data::DoubleLongUnsigned(number), Data::DoubleLongUnsigned(1000 + number)])
    };
    Data::Array((1..=40).map(row).collect())
}
