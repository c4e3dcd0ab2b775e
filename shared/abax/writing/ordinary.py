"""Words that may begin with a capital letter without being a name: openers of sentences, nouns of business
mail, titles, abbreviations. One set for all seven languages: what is ordinary in one is no customer in
another."""

from __future__ import annotations

from typing import Final

from abax.writing.spelling import words

_ENGLISH: Final = """
a about above according account accountant accounting accounts action actions activities activity actual add
additional additionally address after again agenda agreed agreement ahead all allow already also although
always am amicably amount amounts an and another any anyone anything apart appreciate appreciated approval
approve approved april are arrange arranged as ask asked at attached attachment attachments attendees attn
august availability available back balance bank based be because been before being below beside best better
between bill billing bills both box business but by call can cancel cancelled carton cc certificate
certificates change changes charge check checked checks claim clause client clients close closed closing
colleague colleagues come comment comments commercial committed company compared complete completed
compliance concerned conditions confirm confirmation confirmed confirming congratulations consequently
consider contact contacting contract contracts contractual contrary cordially correct correction cost costs
could create credit creditor crossed currency current currently customer customers data date dated dates
days deadline deal deals dear debt debtor december decide decided decision decisions declaration deducted
deliver delivered deliveries delivery department despite detail details did difference differences different
discount discussed discussion dispute disregard do document documents does done down draft due during each
early either else email enclosed end enquiry ensure error euro euros even every everyone everything evidence
exactly except expected expects expired expires expiry extra failing failure february fee fees final finally
finance first follow follow-up following following-up for forgotten formal forward fourth friday friendliest
friendly from full fully further furthermore get give given glad go good goods great greetings had has have
having he hello help her here hereby hi high highest his hope hoping how however i if ignore immediately
important in included including incoming incorrect indeed inform information instead insurance interest
internal into invoice invoiced invoices is issue issued issues it item items its january july june just keep
key kind kindest kindly kindness know last late later latest legal less let letter level licence license
line lines list live log logistics long look looking low lower made mail make management manager many march
matter matters may me mean meantime meanwhile measures meet meeting members message method minimum minutes
missing monday money month monthly months more moreover morning most much must my name need needs negative
neither net never nevertheless new next no nobody non none nor normal not note noted notes nothing notice
notification november now number numbers object october of off offer offers office official often ok on once
one only open opening option or order ordered orders organisation original other otherwise our ours out
outcome outstanding over overall overdue overdue-notice overlooked overview own owner owners package page
paid pallet partial partially participants parties partner partners party past pay payable payables paying
payment payments pcs penalty pending per perhaps period person personally phone pieces place please pleased
point points policy positive possible possibly post postponed present price prices pricing primary prior
priority private probably problem problems procedure proceed process product products progress project proof
proposal proposals proposed prospect provide provided purchase quality quantities quantity quarter quarterly
question questions quick quickly quotation quote quoted rate rates rather re reach read ready reason reasons
receipt receivable receivables receive received recent recently recipient record records reference
references refund refuse regard regarding regards registration regular related relevant remain remaining
remains remarks remember remind reminder reminder-notice reminders remittance repeat reply report request
requested required requirement requirements respectfully response responsible rest result results return
returned review reviewed right risk risks role safety said sale sales same saturday save scheduled second
section see seen send sender sending sent september service services settle settled settlement several shall
share she shipment shipped shipping short shortly should show signed since sincerely single sir situation
slightly so some someone something soon sorry special specified spoke staff stage standard start started
state statement status step steps still stock stop strictly subject such sum summary sunday supplier
suppliers supply support suspended take taken target task tasks tax team technical telephone tell term terms
than thank thanks that the their them then there thereafter therefore these they third this those though
three through thursday thus time times title to today together tomorrow too total totals trade transaction
transfer transferred transport truly try tuesday two under understand understanding understood unfortunately
unit units unless unpaid until up update updated upon urgent us use used usual usually valid validity value
very via waiting want warehouse warm was we wednesday week weekly weeks welcome well were what whatever when
whenever where whereas whether which while who whole whom whose why will willing wish wishes with within
without wonder work working would write writing written wrong year years yes yesterday yet you your yours
yourself zero
"""

_GERMAN: Final = """
ab aber abgelaufen abgestimmt ablauf ablaufdatum abnahme absage absatz absender absprache abteilung
abweichung abweichungen abzug adresse akte aktivität aktivitäten aktuell aktuelle aktueller alle allem allen
allerdings alles als also alternativ am amt an anbei anbieter anbindung andere anderen andernfalls anders
anfang anfrage anfragen angabe angaben angebot angebote angebots angehörige angelegenheit anhang anlage
anlagen anliegen annahme ansatz anschreiben anschrift ansonsten ansprechpartner ansprechpartnerin anspruch
anteil antrag antwort anwalt anweisung anzahl anzahlung artikel auch auf aufgabe aufgaben aufgrund
auflistung aufstellung auftrag auftraggeber auftragnehmer auftrags aufträge aufwand augen aus ausdruck
ausführung ausgleich auskunft ausnahme ausstehend ausstehende ausstellung austausch auszug auszüge außerdem
bank bankdaten bankverbindung bar basis baustelle bearbeitung beauftragung bedarf bedingung bedingungen
beginn begleichung bei beide beiden beigefügt beilage beispiel beitrag beleg belege bemerkung bereich
bereits bericht berichtigung berufsgenossenschaft bescheid bescheinigung beschwerde besprechung bestand
bestandteil beste bestellnummer bestellung bestellungen besten bestätigung bestätigungen besuch betrag
betrags betreff betreffend betrieb betriebsprüfung beträge bezahlung bezug bild bis bisher bitte bitten
blatt blick brief brutto buch buchhaltung buchung bücher büro chance chef chefin da dabei dadurch dafür
daher dahin damen damit danach dank danke dann daran darauf darüber das dass datei daten datenblatt datum
dauer dazu dem den dennoch der deren derzeit des deshalb dessen deswegen die dienst dienstag diensten diese
diesem diesen dieser dieses ding dinge direkt doch dokument dokumentation dokumente donnerstag doppelte dort
drei dringend dringende durch ebenso eigenerklärung eigentum eil eilig ein eindruck eine einem einen einer
eines einfach eingang einigung einkauf einladung einmal einsatz einspruch einwand einzelheiten einzelpreis
element empfang empfänger endbetrag ende endgültig endgültige entgelt entscheidung entscheidungen er erfolg
ergebnis ergänzung erinnern erinnerung erklärung erledigung ersatz ersatzteil ersatzteile erst erste ersten
erwartet es etwa euro fachbetrieb fahrt fall falls familie fax fehlbetrag fehlend fehlende fehler fehlt fest
firma fläche folge folgende folgenden folgendes fordern forderung forderungen form formular frage fragen
frau freigabe freistellungsbescheinigung freitag freuen freundliche freundlichen frist fristablauf fristen
fünf für gang ganz gebiet gebühr gebühren geehrte geehrter gefahr gegen gegenüber gehalt geld gelegenheit
gemeinsam gemäß genau genehmigung geprüft gericht gern gerne gerät geräte gesamt gesamtbetrag gesamtpreis
gesamtsumme geschäft geschäfts geschäftsführer geschäftsführung gesellschaft gespräch gesprächs gestern
gewerbe gewicht gleich gleichzeitig großen großer grund gruppe gruß gründe grüße grüßen gut gutachten gute
guten gutschrift gültig gültigkeit haben haftpflicht halle hallo hand handel handelsregister handlung handy
haus heft hersteller heute hier hierfür hiermit hilfe hinweis hinweise hof hotline häuser höhe ich ihm ihn
ihnen ihr ihre ihrem ihren ihrer ihres im immer in inhaber inhalt inkasso innerhalb insgesamt interesse
irrtum ist ja jahr jahre jahresende je jede jeder jedoch jetzt kabel kalendertage kanzlei kapazität karte
karten kasse kauf kein keine keinen kennzeichen klage klasse klärung kollege kollegen kollegin kommen
kommende kommentar kontakt kontaktdaten konto kontoinhaber kontonummer kontrolle kopie kosten kraft
krankenkasse kredit kreis kunde kunden kundendienst kundennummer kundin kurz käufer kürze lage lager land
laufzeit laut leben legen leider leistung leistungen letzte letzten letztmalig letztmals leute liebe lieber
liefer lieferant lieferanten lieferdatum lieferschein lieferschwierigkeiten liefertermin lieferung
lieferungen lieferzeit liegt linie liste lizenz luft lösung mahnbescheid mahngebühr mahnkosten mahnlauf
mahnstufe mahnung mahnungen mahnverfahren mail mal man mandant mangel markt maschine maschinen material maß
maßnahme maßnahmen mehr mehrere mein meine meinung menge mengen mensch menschen messe meter mit mitarbeiter
mitarbeiterin mitte mitteilung mittel mittwoch monat monate monatsende montag montage morgen muss muster
mängel märkte möglich möglichkeit möglichkeiten nach nachdem nachfolgend nachfolgende nachfrage nachlass
nachricht nacht nachtrag nachweis nachweise name namen natürlich neben nein netto netz neu neue neuer
neuigkeiten nicht nichts noch nochmals notiz notizen nummer nun nur nämlich ob oben obwohl oder offen offene
offenen offener offizielle ohne option ort paket palette paletten partei partner pause person personal
pflicht phase plan planung platz position positionen post posten preis preise priorität pro probe problem
probleme produkt produkte projekt protokoll prozent prozess prüfung punkt punkte quartal quartalsende
quittung rabatt rahmen rand rat rate raten raum rechner rechnung rechnungen rechnungsbetrag rechnungsdatum
rechnungsnummer recht rechte rechtliche rechtsanwalt rechtsweg rede referenz regel regelung registerauszug
reihe reise rest restbetrag risiken risiko rohstoff ruhe rück rückerstattung rückfrage rückfragen
rückmeldung rückruf rücksprache rückstand rückzahlung sache saldo samstag satz schaden schein schicht
schluss schlüssel schreiben schrift schritt schritte schuld schuldner schule schulung schutz sehr seit seite
seiten sekretariat selbst selbstverständlich senden sendung service sicherheit sicht sie sind situation sitz
so sobald sofern sofort software sogar sohn sollte sollten somit sonder sondern sonntag sonst sowie sowohl
spedition sprache spätestens stadt stammdaten stand standort status stelle stellen stellung steuer
steuernummer stichtag stimme stoff straße strom stufe stunde stunden stück summe system systeme tabelle tag
tage tagen tat tatsächlich team teams technik teil teilbetrag teile teillieferung teilnehmer teilzahlung
telefon telefonat telefonnummer termin termine text thema themen tisch titel tonne tonnen total trotz
täglich tür uhr um umfang umgehend umsatz umstände umzug unbedenklichkeitsbescheinigung und unfall unser
unsere unserem unseren unserer unseres unten unter unterlage unterlagen unternehmen unterschied unterschiede
unterschrift unterstützung urlaub ursprung valuta verabredung veranlassen veranlassung verantwortlich
verantwortliche verantwortung verbindlichkeit verbindung verein vereinbarung verfahren verfall verfügung
vergangene vergangenen vergleich verhandlung verkauf verkehr verkäufer vermerk vermutlich verpackung
verpflichtung versand versehen versicherung verspätung verständnis versäumnis vertrag vertrags vertrauen
vertreter vertrieb verträge verwendung verwendungszweck verzug verzugszinsen verzögerung viel viele vielen
vielleicht voll vollständig vom von vor voraus voraussetzung voraussichtlich vorbehalt vorgang vorgehen
vorhaben vorlage vorname vorschlag vorteil vorweg wagen wahl wahrscheinlich wahrscheinlichkeit wand ware
waren wartung warum was wasser weg wegen weil weitere weiterem weiteren weiterhin welche welt wenden weniger
wenn werden werk werktag werktage wert werte wichtig wichtige widerruf widerspruch wie wieder wiedervorlage
wir wird wirtschaft wissen wo woche wochen wochenende wohl wort wunsch während wünsche zahl zahlen zahlung
zahlungen zahlungsaufforderung zahlungsbedingungen zahlungsbeleg zahlungsdaten zahlungsdatum zahlungseingang
zahlungseingänge zahlungserinnerung zahlungsfrist zahlungsmittel zahlungsplan zahlungsrückstand
zahlungsverzug zahlungsweise zahlungsziel zeichen zeichnung zeile zeit zeitpunkt zeitraum zentrale zeugnis
ziel zins zinsen zoll zu zubehör zudem zufolge zufriedenheit zug zugang zukunft zum zunächst zur zurück
zusage zusagen zusammen zusammenarbeit zusammenfassung zuschlag zustand zustellung zustimmung zuständigkeit
zusätzlich zuvor zwar zweck zwei zweifel zwischen über überblick überfällig überfällige überprüfung
übersicht überweisen überweisung üblich
"""

_FRENCH: Final = """
absence accord accusé achat acompte acte action actions activité activités actuellement adresse afin agréer
ai ainsi alors annexe annulation approbation après article articles assurance attente attestation au aucun
aucune aujourd'hui aussi autre autres aux avant avec avis avoir avril banque bien bilan bon bonjour bonne
bonsoir bordereau but bénéficiaire c'est car carte cas ce ceci cela celle celui certificat ces cet cette
chaque cher chers chère ci-dessous ci-joint client clients commande commandes comme comment commercial
compréhension comptabilité compte concernant condition conditions confiance confirmation conformité
conformément considération contact contrat contrats coordonnées copie cordialement cordiales correction
courrier cours coût d'avance dans date de demande depuis dernier dernière dernièrement dernières des dette
deuxième devis différence différences direction disponible distinguées document documents donc dont dossier
droit du dès décembre décision décisions délai délais désormais détail détails elle elles email en encore
enfin ensuite entre entreprise environ erreur espérant est et expiration expéditeur facture factures faute
fin finalement finance fois fournisseur fournisseurs fourniture frais février garantie gestion grâce hier
honneur hors ici il ils impayé impayée impayés important importante indemnité information informations
intérêts j'ai janvier je jeudi jour jours juillet juin jusqu'à justificatif l'ensemble la le les lettre leur
leurs ligne lignes liste litige livraison livraisons livrer lors lorsque lui lundi là madame mademoiselle
mai mail mais malgré malheureusement manquant manquants manque marchandise mardi mars merci mercredi mes
mesdames message messieurs mesure mise mode moins mois mon monsieur montant montants motif moyen ni nom
nombre non nos notamment note notes notre nous nouveau nouvelle nouvelles novembre numéro néanmoins objet
octobre offre offres ou oui où paiement paiements par paragraphe parce pareil parmi partie pas passé pendant
personne personnes pièce pièces plus plusieurs point points pour pourriez pouvez pouvons premier première
prestation prix prière problème prochain prochaine produit produits projet proposition près préalable
précédent précédents puis puisque quand quantité quantités que quel quelle quelques question questions qui
quoi rappel rappels rapport recevez recouvrement relance relances relevé remarque remerciant remise
rendez-vous renseignement reste retard retour reçu risque risques règlement réception référence réglée
réponse résumé réunion sa salutations samedi sans sauf se seconde selon semaine sentiments septembre sera
service services ses seul si sincèrement sincères situation société soit solde somme sommes son sont
souhaitant souhaitez sous suite sur surtout tant taux taxe tel tenant terme titre toujours tous tout toute
toutefois toutes troisième trop très téléphone un une unité urgent usage valeur veillez vendredi vente
ventes verrez versement veuillez via virement virements voici voilà vos votre vous vu à écart écarts
échéance étant étape état été évidemment être
"""

_SPANISH: Final = """
a abonado abonar abono abril acciones acción actividad actividades actualmente acuerdo adelante además
adjunta adjuntamos adjunto adjuntos administración agosto agradecemos agradeciendo agradezco ahora al algo
alguna algunos algún amable amistoso antes apreciada apreciado aquel aquí archivo artículo artículos
asimismo asunto atención atentamente atento aun aunque aviso ayuda año aún banco bien bienvenido buen buena
buenas bueno buenos cada cambio cantidad cantidades cargo caso certificado cliente clientes cobro comercial
como compra comunicación con concepto condiciones confirmación conforme consulta contacto contrato contratos
copia cordial cordiales cordialmente correo cosa crédito cual cuando cuanto cuenta cumplimiento dado datos
de debe debido decisiones decisión del departamento desde detalle detalles deuda dicha dicho diciembre
diferencia diferencias dirección disculpe disponible documento documentos domingo donde durante día días e
efectuar el ella ellos embargo empresa en encantado enero entre entrega entregas enviado envío equipo error
es esa ese eso espera esperamos esperando esta estado estamos estas este estimada estimadas estimado
estimados esto está etapa euros factura facturas falta favor febrero fecha fechas fin final finalmente firme
gastos gestión gracias gratitud ha había hace hasta hay hemos hola hora hoy igualmente impagada impagado
importa importe importes información informamos inmediato intereses jueves julio junio junto justificante la
las le les lista llamada lo los luego lunes línea líneas mal martes marzo mas mayo mayor mañana me medidas
medio mensaje mes mi mientras mismo miércoles motivo muchas mucho muy más necesitamos ni ninguna ningún no
nombre nos nosotros nota notas noviembre nuestra nuestras nuestro nuestros nueva nuevamente nuevo número o
octubre oferta ofertas otra otro otros pago pagos para parte partida pasado pedido pedidos pendiente
pendientes pero persona plazo plazos por porque posible precio precios pregunta presupuesto previo primer
primera primero problema procedimiento producto productos proveedor proveedores proyecto próxima próximo
puede pueden pues punto puntos póliza que queda quedamos quedando querida querido quien quisiéramos quizá
realizar recepción reciba recibido recibir recibo recordamos recordarle recordatorio recordatorios
referencia referente registro respecto respuesta resumen retraso reunión riesgo riesgos rogamos ruego
rápidamente saldo saludo saludos salvo se seguimiento segunda segundo seguro según semana septiembre ser
servicio servicios señor señora señores si sido siempre siguiente siguientes sin sino sobre solicitamos
solicitud solo son su suma sus sábado sí sírvase sólo tal también tampoco tan tanto tarde teléfono tenemos
tiene titular toda todas todavía todo todos total trabajo transferencia tras un una unidad urgente usted
ustedes valor vencida vencidas vencido vencimiento vencimientos ventas ver vez viernes vista y ya yo él
última últimas último últimos
"""

_ITALIAN: Final = """
a abbiamo acconto accordo acquisto ad adesso aggiornamento agli agosto ai al alcuni alla alle allegata
allegati allegato allora altra altre altri altro amministrazione anche ancora anno anticipo anzi aprile
articoli articolo assicurazione attendiamo attesa attività attuale attualmente azienda azione azioni banca
bene beneficiario bonifici bonifico buon buona buonasera buongiorno busta cara cari caro caso causa
certificati certificato che chi chiediamo cliente clienti come commerciale compimento comunicazione con
concordato condizioni conferma confidando conformità considerando considerato contatto conto contratti
contratto copia cordiale cordiali cordialità cordialmente cosa costi costo così credito cui da dagli dai dal
dalla data date dati davvero debito decisione decisioni degli dei del della delle dello dettagli dettaglio
di dicembre differenza differenze direzione disponibile distinti documentazione documenti documento domanda
domande domenica dopo dove dovuto durante e ecco ed effettuare egregi egregio elenco entro errore esatto
esempio estratto fa fase fattura fatture favore febbraio fermo fine fino finora fornitore fornitori forse
fra gennaio gentile gentili gentilissima gentilissimo giorni giorno giovedì giugno già gli grazie ha ho i
ieri il impegno importante importi importo in inadempimento indirizzo infatti infine informazioni informiamo
inoltre insoluta insolute insoluto interessi intestatario invece inviamo invio io la lavoro le legale lei
lettera linea lista lo loro luglio lunedì ma maggio mancante mancanti mancata mancato marca martedì marzo me
meglio mensile mentre merce merci mercoledì mese messaggio mi mittente modalità modo molte molti molto
motivo ne nel nella nelle nessun nessuna niente no noi nome non nonostante nostra nostre nostri nostro nota
note novembre nulla numero nuova nuovo né o occasione offerta offerte oggetto oggi ogni oltre opera oppure
ora ordine ordini ottobre pagamenti pagamento parte particolare partita partite passato per perché perciò
persona però piacere più pochi poi poiché porgiamo possibile posta precedente precedenti preghiamo prego
presso prezzi prezzo prima primo problema procedere procedura prodotti prodotto progetto promemoria proposta
prossima prossimo provvedere punti punto purtroppo può qualche qualcosa quale quali qualora quando quantità
quanto quel quella quello questa queste questi questo qui quindi ragione rapporto recapito reclamo regolare
regolarizzare regolarmente relativa relativo restando restiamo resto riassunto ricevuta ricevuto richiediamo
richiesta riepilogo riferimento riga righe rimaniamo ringraziamo ringraziando ringraziandovi rischi rischio
rispetto risposta ritardo riunione sabato saldo salute saluti salvo sarebbe sarà scade scadenza scadenze
scaduta scadute scaduti scaduto se secondo seguente seguenti seguito sempre senza servizi servizio settembre
settimana si siamo signor signora signore signori sino situazione sms soldi solleciti sollecitiamo sollecito
solo somma sono sotto spedizione speriamo spese spett spettabile stato stesso su sua subito sue sugli sul
sulla suo suoi sé sì tale tali tanto telefono tempo termine termini totale tra trasporto trattandosi tutta
tutti tutto ufficio ultima ultimo un una unità uno urgente valore vediamo vendita vendite venerdì verifica
versamento vi via visto voglia vogliate voi volta vorremmo vostra vostre vostri vostro è
"""

_DUTCH: Final = """
aan aanbetaling aanbieding aanbod aandacht aangezien aanleiding aanmaning aanmaningen aantal aanvraag achter
achternaam achterstallige actie acties activiteit activiteiten adres af afdeling afgelopen afspraak
afspraken afwijking afwijkingen akkoord al alle alleen alles als alsnog alstublieft alvast ander andere
anders antwoord april artikel artikelen augustus bank bankrekening bedankt bedrag bedragen bedrijf begin
behoudens beide bel bericht beschikbaar besluit besluiten beste bestelling bestellingen bestelnummer betaal
betaald betaaldatum betaaltermijn betaling betalingen betalingsherinnering betalingstermijn betreft
bevestiging bij bijgevoegd bijlage bijlagen binnen blijft boven bovendien bovengenoemde brief btw buiten
certificaat certificaten cijfers collega collega's contact contactpersoon contract contracten d.d. daar
daarbij daarmee daarna daarom dag dagen dan dank dat datum de december deel deze dezelfde dhr die dient
dinsdag direct dit document documenten donderdag door doorgeven drie dringend dus e echter een eerder
eerdere eerste eerstvolgende eigenaar einde en enige enkele er euro facturen factuur factuurdatum
factuurnummer februari formeel fout fouten gaarne gaat geachte gebied gebruik geen gegevens gelieve
gemachtigde genoemd genoemde gesprek getekend geval gezien goed goede goedemiddag goedemorgen goedendag
graag groet groeten haar had hallo handel hartelijk hartelijke hebben heeft heer helaas hem heren
herinnering herinneringen het hier hierbij hiermee hij hoe hoeveelheden hoeveelheid hoewel hoi hoofdsom
houdt hun idee ieder iedere iets ik in incasso incassobureau incassokosten indien informatie
ingebrekestelling inhoud inkoop inmiddels instantie is ja jaar jammer januari je juli juni juridische kan
kans kantoor keer klant klanten klantnummer komende kopie korte korting kosten kunnen kunt kwaliteit
kwartaal laat laatste later leverancier leveranciers leverdatum levering leveringen levertijd liefst lijn
lijst maand maandag maar maart maatregelen mail makelaar man me mededeling mee meer meerdere meest mei
melding men meneer met mevrouw middels mijn minder mocht mochten moet mogelijk mogelijkheid momenteel na
naam naar nadat nader namelijk namens natuurlijk nee neem netto niet niets nieuw nieuwe nodig nog nogmaals
noot notitie notities november nu nummer of offerte offertes ofschoon oktober om omdat omschrijving ondanks
onder ondergetekende onderhandeling ondernemen onderneming ondertussen onderwerp ongeveer ons ontbreekt
ontbrekend ontbrekende ontvangen ontvangst onze ook oorzaak op opdracht opdrachten openstaand openstaande
opmerking opmerkingen orde order orders origineel over overboeking overeenkomst overeenkomsten overig
overleg overweging overzicht pagina pakket partij per periode persoon plaats plan post prijs prijzen
probleem procedure product producten project punt punten reactie recent recht rechtsmaatregelen reden
referentie regel regels rekening rekeningnummer rente rest resultaat risico risico's saldo samen
samenvatting schrijven september service sinds slechts snel sneller soms spoed spoedig stand stap stappen
status stel stuk stuks stuur te tegen tegenover telefonisch telefoon telefoonnummer ten tenaamstelling
tenminste tenslotte tenzij ter termijn terug tevens tijd tijdens toch toe toen tot totaal totaalbedrag
totdat transport tussen twee u uit uiteraard uiterlijk uitstel uur uw vaak van vanaf vandaag vandaar vanwege
vast veel ver veranderingen verantwoordelijke verder verdere vergadering vergeten vergoeding verklaring
verkoop verlopen verplichting verschil verschillen verschuldigd verschuldigde vertraging vertrouwen
vertrouwende verval vervaldatum vervallen verwachten verzekering verzending verzoek verzoeken via vijf
voldaan voldoen volgend volgende volgens volledig voor vooraf voorbeeld voorbehoud voordat voorstel
voorwaarden voorzien vordering vorderingen vraag vragen vriendelijk vriendelijke vrijdag waar waarbij waarde
waarom waarvan wanneer want was wat wederom week weer wegens wel welk welke werk werkdagen wettelijke wie
wij willen wilt woensdag worden wordt zaak zaken zaterdag ze zeer zelf zelfs zes zie zij zijn zo zoals zodat
zodra zojuist zondag zonder zou zoudt zullen
"""

_POLISH: Final = """
a aby adres akcja aktualnie albo ale ani artykuł bank bardzo bez bezzwłocznie bieżący biuro blisko bo brak
brakujące brakujący by był była było były będzie będziemy będąc błąd całkowita całość cel cena ceny
certyfikat certyfikaty chcemy chcielibyśmy choć ci ciągu co czas czasu czego czekamy czerwca czerwiec
czwartek czy czyli czym czynności część dalsze dalszych dana dane data daty decyzja decyzje dla dlaczego
dlatego do dobry dodatkowo dokument dokumenty dokumentów doręczenie dostarczenie dostawa dostawca dostawcy
dostawy dołączamy drodze drodzy droga drogi drogą drugie dział działania dzień dzisiaj dziękujemy dziękuję
dziś e-mail euro ewentualne ewentualnie faktur faktura fakturami faktury fakturę firma firmy formalne gdy
gdyby gdzie godzina grudnia grudzień gwarancja ich ile ilości ilość im imię informacja informacje
informujemy inne innym istnieje iż ja jak jakie jako jakość jednak jednocześnie jego jej jest jestem
jesteśmy jeszcze jeśli jeżeli już każda każdy kiedy kierownik klienci klient klienta kolejne konta kontakt
konto korekta koszt koszty krok kroki kto która które którego którzy którą kwartał kwiecień kwietnia kwota
kwoty kwotę liczba linia lipca lipiec list lista listopad listopada lub ludzie lutego luty mail maj maja
mamy marca marzec masz mi miejsca miejsce miesiąc mimo między mnie moglibyście może możemy możliwe możliwość
musi my na nad nadal nadawca nadzieję najbliższym najpóźniej należności należność naliczenie nam nami nas
następne następnie następny następujące nasz nasza nasze naszego naszej naszym natychmiast nazwa nic nie
niedopłata niedziela niestety niezapłacona niezapłacone niezapłaconych niezwłocznego niezwłocznie nim
niniejszym niż no notatka notatki nowa nowe nowy numer o obecnie ocena od odbiorca odnośnie odpowiedzi
odpowiedź odsetek odsetki oferta oferty ogólna ogółem okres on ona one oni opis opóźnienia opóźnienie opłata
oraz osoba osoby ostateczne ostatecznie ostatni ostatnia ostatnie oto otrzymaliśmy paczka pan pana pani
panie panią panowie panu partner partnerzy państwa państwo państwu październik października pełna pierwsze
pierwszy pilne pismo piątek plan po pod podatek podpis podstawa podsumowanie pomimo pomoc poniedziałek
ponieważ poniżej ponowne ponownie potwierdzamy potwierdzenia potwierdzenie powyżej powyższa powyższe
pozdrawiam pozdrawiamy pozdrowienia pozdrowieniami pozostaje pozostajemy pozycja pozycje procedura proces
produkt produkty projekt propozycja prosimy proszę prośba przed przedmiot przedpłata przedsądowe
przekazujemy przelew przelewem przelewu przepraszamy przesyłamy przesyłka przeterminowana przeterminowane
przez przy przykro przypadku przypominamy przypomnienia przypomnienie punkt punkty pytania pytanie półrocze
płatności płatność rachunek rachunku raport raty razem realizacja regulacja regulowanie reklamacja ryzyka
ryzyko również różnica różnice saldo sierpień sierpnia się skoro sobota sposób spotkanie sprawa sprawdzenie
sprawie sprzedaż spłata stan stanowisko status stawka strona strony styczeń stycznia suma sumy swoje
szanowna szanowne szanowni szanowny szczegóły są sąd sądowe ta tabela tak także tam te tego tej telefon
temat ten teraz termin terminie terminu terminy też to towar transport treść trzy tu tutaj tydzień tygodni
tygodnia tylko tym tymczasem tytuł tytułem u ubezpieczenie uiszczenie umowa umowy uprzejmie upłynął upływ
uregulowania uregulowanie ustalenia usługa usługi uwadze uwaga uwagi w wartość warunki wasza wasze ważne
ważność wcześniej wcześniejsze we według wezwania wezwanie wiadomość wierzyciel wierzymy windykacja więc
wobec wpłata wpłaty wraz wrzesień września wszelkie wszyscy wszystkie wszystko wtedy wtorek wyjaśnienie
wykaz wykonanie wymagane wysokości wysokość wystawiona wysłanie wz względu z za zadania zadanie zadłużenie
zakup zakupu zalegla zaległe zaległości zaległość zamówienia zamówienie zapytanie zapłata zapłaty zapłatę
zatem zawiadomienie załatwienie załączeniu załącznik załączniki ze zero zespół zgoda zgodnie zgodność zmiana
zmiany znak zostanie został została zostało zwracamy zwrot zwłoki ósmy łączna łącznie łączną środa żaden że
żeby życzeniami
"""

_TITLES: Final = """
ach agb api asap avg aw bank bcc bic btw cc ceo cfo cif cip co coc coo crm csv cto dap ddp dhr docx don dott
dottore dottoressa doña dr dsgvo ean edi erp eta eu exw faq fax fob frau fw fwd fyi gbp gdpr heer herr hr
hrb hrg http https i iban id ii iii incoterms it iv iva kpi kvk m madam madame meneer mevr mevrouw miss mlle
mme monsieur moq mr mrs ms msds mwst mx nb nda nif nip no nr num ok pan pani panie panowie pdf po prof ps re
regon rfp rfq rgpd rodo roi rsvp sepa señor señora sig signor signora sir siren siret sku sla sms sr sra
srta swift tel tva uid url usd ust ustid v vat vi vies vii wg whatsapp www x xlsx
"""

ORDINARY: Final = frozenset(
    word
    for text in (_ENGLISH, _GERMAN, _FRENCH, _SPANISH, _ITALIAN, _DUTCH, _POLISH, _TITLES)
    for word in words(text)
)
"""All of them, small."""

GREETINGS: Final = frozenset(
    words(
        "beste bonjour cara caro cher chère ciao dear dhr don doña dr droga drogi egregio estimada estimado "
        "frau geachte geehrte geehrten geehrter gentile guten hallo heer hello herr herrn hey hi hola liebe "
        "lieber madame mevr mevrouw miss monsieur mr mrs ms pan pani panie panią panu prof señor señora sig "
        "sig.ra signor signora spett spettabile sr sra szanowna szanowny"
    )
)
"""Behind these somebody is called by name."""

ADDRESSED: Final = frozenset(
    words(
        "abend accounting accounts all and best both buenos client cliente clients colegas colleague "
        "colleagues collega's colleghi collègues company customer customers damen dames department ditta "
        "dottore dottoressa dr dyrektorze equipo everyone finance fornitore frau from gentlemen "
        "geschäftspartner heer heren herr herren kind klant klienci kliencie kollege kollegen kollegin "
        "kolleginnen kunde kunden kundin la ladies le leverancier lieferant madam madame mesdames messieurs "
        "mevrouw monsieur morgen mr mrs ms nous or our pan pani panie panu partner partners partnerze "
        "payable państwo prezesie prof proveedor receivable relatie sales señor señora señoras "
        "señores signor signora signore signori sincerely sir società supplier support tag team the there vous warm your "
        "zespole à équipe"
    )
)
"""Who may be called without a name."""
