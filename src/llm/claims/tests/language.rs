//! Sentences in other languages.

use super::super::Fault;
use super::table;

const LANGUAGE: Option<Fault> = Some(Fault::Language);

#[test]
fn other_languages_are_struck() {
    table(&[
        ("German", "Der Dienst ist seit dem Neustart nicht erreichbar.", LANGUAGE),
        ("French", "Le service est en panne depuis le redémarrage.", LANGUAGE),
        ("Spanish", "El servicio no responde desde el reinicio y la memoria es alta.", LANGUAGE),
        ("Portuguese", "O servidor não responde, está em baixo.", LANGUAGE),
        ("Russian", "Сервис недоступен.", LANGUAGE),
        ("Chinese", "服务已停止。", LANGUAGE),
        ("Arabic", "الخدمة متوقفة.", LANGUAGE),
        ("Finnish", "Palvelu kaatui heti uudelleenkäynnistyksen jälkeen eikä vastaa pyyntöihin.", LANGUAGE),
        ("one word of another script", "The service is недоступен.", LANGUAGE),
        ("a letter that looks Latin", "The host wеb is down.", LANGUAGE),
        ("text that is turned around", "The host is \u{202e}nwod.", LANGUAGE),
        ("a quotation of the evidence", "The log says \"Платёж отклонён\" for the cart.", None),
        ("a Greek letter", "That is more than σ allows.", None),
        ("a French word", "The café is open.", None),
    ]);
}
