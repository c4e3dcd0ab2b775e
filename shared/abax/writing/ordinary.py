"""Words that may begin with a capital letter without being a name: openers of sentences, nouns of business mail,
titles, abbreviations. One set for all seven languages: what is ordinary in one is no customer in another."""

from __future__ import annotations

from typing import Final

_ENGLISH: Final = """
a about above according account accounts accountant accounting action actions activities activity actual add additional additionally address after again
agreed agreement all allow already also although always am amount amounts an and another any anyone anything apart approval approve approved april are as ask asked at
attached attachment attachments august availability available back balance bank based be because been before being below beside best better between bill bills billing both business
but by call can cancel cancelled certificate certificates change changes charge check checked checks claim clause client clients close closed closing colleague colleagues come comment
comments commercial committed company compared complete completed compliance concerned conditions confirm confirmation confirmed confirming congratulations consequently consider
contact contract contracts contractual contrary cordially correct correction cost costs could create credit creditor currency current currently customer customers data date dated
dates days deadline deal deals dear debt debtor december decide decided decision decisions declaration deducted deliver delivered deliveries delivery department despite detail details
did difference differences different discount discussed dispute do document documents does done down draft due during each early either email else enclosed end ensure enquiry
error euro euros even every everyone everything evidence exactly except expected expects expired expires expiry extra failing failure february fee fees final finally finance first following
for formal forward fourth friday friendly from full fully further furthermore get give given glad go good goods great greetings had has have having he hello help her here hereby hi high
highest his hoping hope how however i if immediately important in included including incoming incorrect indeed information inform insurance instead interest internal into invoice
invoices invoiced is issue issued issues it item items its january july june just keep key kind kindest kindly know last late later latest legal less let letter level licence license line
lines list live log logistics long look looking low lower made mail make management manager many march matter matters may me mean meanwhile meantime measures meet meeting
members message method minimum missing monday money month monthly months more moreover morning most much must my name need needs negative neither net never nevertheless new next no
nobody non none nor normal not note notes nothing notice noted notification november now number numbers object october of off offer offers office official often ok on once one only open opening
option or order ordered orders organisation original other otherwise our ours out outcome outstanding over overdue overall overview own owner owners package page paid partial partially parties
partner partners party past pay payable payables paying payment payments penalty pending per perhaps period person personally phone place please pleased point points policy positive possible possibly post
postponed present present price prices pricing primary prior priority private probably problem problems procedure proceed process product products progress project proof proposal proposals proposed
prospect provide provided purchase quality quantities quantity quarter quarterly question questions quick quickly quotation quote quoted rate rates rather re reach read ready reason reasons receipt receivable
receivables receive received recent recently recipient record records reference references refund refuse regard regarding regards registration regular related relevant remain remaining
remains remarks remember remind reminder reminders remittance repeat reply report request requested required requirement requirements response responsible rest result results return
returned review reviewed right risk risks role safety said sale sales same saturday save scheduled second section see seen send sender sending sent september service services settle settled
settlement several shall share she shipment shipped shipping short should show signed since sincerely single sir situation slightly so some someone something soon sorry special specified
spoke staff stage standard start started state statement status step steps still stop strictly subject such sum summary sunday supplier suppliers supply support suspended take taken target task
tasks tax team technical telephone tell term terms than thank thanks that the their them then there thereafter therefore these they third this those though three through thursday thus time times title
to today together tomorrow too total totals trade transaction transfer transferred transport truly try tuesday two under understand understanding understood unfortunately unit units unless unpaid until up
update updated upon urgent us use used usual usually valid validity value very via waiting want warm was we wednesday week weekly weeks welcome well were what whatever when whenever where whereas whether which
while who whole whom whose why will willing wish wishes with within without wonder work working would write writing written wrong year years yes yesterday yet you your yours yourself zero
friendliest respectfully overdue-notice ahead settle amicably overlooked forgotten arrange arranged transfer crossed disregard ignore appreciate appreciated kindness contacting shortly attn cc
minutes agenda attendees participants discussion item follow following-up follow-up reminder-notice pcs pieces stock warehouse pallet carton box
"""

_GERMAN: Final = """
ab aber abgelaufen abgestimmt ablauf ablaufdatum abnahme absage absatz absender absprache abteilung abweichung abweichungen abzug adresse aktuell aktuelle aktueller aktivität aktivitäten akte alle allem allen alles
allerdings als also alternativ am amt an anbei anbieter andere anderen andernfalls anders anfang anfrage anfragen angabe angaben angebot angebote angebots angelegenheit anhang anlage anlagen anliegen annahme ansatz anschreiben
anschrift ansonsten ansprechpartner ansprechpartnerin anspruch anteil antrag antwort anwalt anzahl anzahlung artikel auch auf aufgabe aufgaben auflistung aufstellung auftrag aufträge auftrags aufwand aufgrund augen aus ausdruck
ausführung ausgleich auskunft ausnahme außerdem ausstehend ausstehende ausstellung austausch auszug bank bankdaten bankverbindung bar basis bearbeitung bedarf bedingung bedingungen beginn begleichung bei beide beiden beigefügt beilage
beispiel beitrag beleg belege bemerkung bereich bereits bericht berichtigung bescheinigung bescheid besprechung bestand beste besten bestellung bestellungen bestellnummer bestätigung besuch betrag beträge betrags betreff
betreffend betrieb bezahlung bezug bis bisher bitte bitten blatt brief brutto buchhaltung buchung büro chance chef chefin da dabei dadurch dafür daher dahin damen damit danach dank danke dann daran darauf
darüber das dass datei daten datenblatt datum dauer dazu dem den dennoch der deren derzeit des deshalb dessen deswegen die diese diesem diesen dieser dieses dinge direkt doch dokument dokumente doppelte dort drei dringend dringende durch
ebenso eigentum eil eilig ein eine einem einen einer eines einfach eingang einigung einkauf einladung einmal einspruch einwand einzelheiten einzelpreis empfang empfänger ende endbetrag endgültig endgültige entgelt entscheidung
entscheidungen er erfolg ergebnis ergänzung erinnern erinnerung erklärung erledigung ersatz erst erste ersten erwartet es etwa euro fall falls familie fax fehlbetrag fehler fehlend fehlende fehlt fest firma folge folgende folgenden folgendes fordern
forderung forderungen form formular frage fragen frau freigabe freitag freuen freundliche freundlichen frist fristen fristablauf fünf für ganz gebühr gebühren gefahr gegen gegenüber geehrte geehrter gehalt geld gelegenheit gemeinsam gemäß
genau genehmigung gern gerne geprüft gericht gesamt gesamtbetrag gesamtpreis gesamtsumme geschäft geschäfts geschäftsführer geschäftsführung gespräch gesprächs gestern gewerbe gewicht gleich gleichzeitig grund gründe gruß grüße
grüßen guten gut gute gutschrift gutachten gültig gültigkeit haben hallo handel handlung handy haus heft heute hier hierfür hiermit hilfe hinweis hinweise höhe hotline ich ihm ihn ihnen ihr ihre ihrem ihren ihrer ihres im immer
in inhaber inhalt inkasso innerhalb insgesamt interesse irrtum ist ja jahr jahre je jede jeder jedoch jetzt kalendertage kanzlei kasse kauf käufer kein keine keinen kennzeichen klage klärung kollege kollegen kollegin kommen kommende
kommentar kontakt kontaktdaten konto kontoinhaber kontonummer kontrolle kopie kosten kraft kredit kunde kunden kundendienst kundennummer kundin kurz kürze lage lager land laufzeit laut legen leider leistung leistungen
letzte letzten letztmalig letztmals lieber liebe liefer lieferant lieferanten lieferschein lieferdatum liefertermin lieferung lieferungen lieferzeit liegt linie liste lizenz lösung luft mahnbescheid mahngebühr mahnkosten mahnlauf mahnstufe mahnung mahnungen mahnverfahren mail mal man mandant
mangel mängel maschine maschinen maß maßnahme maßnahmen material mehr mehrere mein meine meinung menge mengen mit mitarbeiter mitarbeiterin mitte mitteilung mittel mittwoch möglich möglichkeit möglichkeiten monat monate montag morgen muss muster
nach nachdem nachfrage nachfolgend nachfolgende nachlass nachricht nachweis nachweise nachtrag name namen nämlich natürlich neben nein netto neu neue neuer neuigkeiten nicht nichts noch nochmals notiz notizen nummer nun nur ob oben
obwohl oder offen offene offener offenen offizielle ohne option ort paket partei partner person personal pflicht phase plan planung position positionen post posten preis preise priorität pro problem probleme produkt produkte projekt protokoll prozess prozent prüfung
punkt punkte quittung quartal rabatt rahmen rand rat rate raten raum rechnung rechnungen rechnungsbetrag rechnungsdatum rechnungsnummer recht rechte rechtliche rechtsweg rechtsanwalt referenz regel regelung reihe rest restbetrag risiko risiken rück rückerstattung rückfrage
rückfragen rückmeldung rückruf rücksprache rückstand rückzahlung sache saldo samstag schaden schein schluss schreiben schritt schritte schuld schuldner schutz sehr seit seite seiten sekretariat selbst selbstverständlich senden sendung service
sicht sicherheit sie sind situation so sobald sofern sofort sogar sohn sollte sollten somit sonder sondern sonntag sonst sowie sowohl spätestens stammdaten stand standort status stelle stellen stellung steuer steuernummer stichtag stimme stück stufe stunde stunden
summe tabelle tag tage tagen täglich tat tatsächlich teil teile teilbetrag teillieferung teilzahlung teilnehmer telefon telefonat telefonnummer termin termine text thema themen titel total trotz über überblick überfällig überfällige übersicht überweisen überweisung um umfang
umgehend umsatz umstände und unser unsere unserem unseren unserer unseres unten unter unterlage unterlagen unternehmen unterschied unterschiede unterschrift unterstützung ursprung urlaub valuta verabredung veranlassen veranlassung verantwortlich verantwortliche verantwortung verbindung
verbindlichkeit verein vereinbarung verfahren verfall verfügung vergangenen vergangene vergleich verhandlung verkauf verkäufer vermerk vermutlich verpflichtung versand versäumnis versehen versicherung verspätung verständnis vertrag verträge vertrags vertrauen vertreter vertrieb verwendung verwendungszweck verzögerung verzug verzugszinsen viel viele
vielen vielleicht voll vollständig vom von vor voraus voraussetzung voraussichtlich vorbehalt vorgang vorgehen vorhaben vorlage vorname vorschlag vorteil vorweg während wahrscheinlich wahrscheinlichkeit ware waren warum was weg wegen weil weitere weiterem weiteren weiterhin welche
wenden weniger wenn werden werk wert werte werktag werktage wert wichtig wichtige widerspruch widerruf wie wieder wiedervorlage wir wird wirtschaft wissen wo woche wochen wochenende wohl wort wunsch wünsche zahl zahlen zahlung zahlungen
zahlungsaufforderung zahlungsbedingungen zahlungsbeleg zahlungsdaten zahlungsdatum zahlungseingang zahlungseingänge zahlungserinnerung zahlungsfrist zahlungsmittel zahlungsplan zahlungsrückstand zahlungsverzug zahlungsweise zahlungsziel zeichen zeile zeit zeitpunkt zeitraum zentrale zeugnis ziel zins zinsen zoll zu zudem zufolge zugang zukunft zum zunächst zur
zurück zusage zusagen zusammen zusammenarbeit zusammenfassung zusätzlich zuschlag zustand zuständigkeit zustellung zustimmung zuvor zwar zweck zweifel zwei zwischen überprüfung üblich großen großer dienst diensten donnerstag dienstag
"""

_FRENCH: Final = """
à absence accord accusé achat acompte acte action actions activité activités actuellement adresse afin ai ainsi alors annexe annulation après approbation article articles au aucun aucune aujourd'hui aussi autre autres aux avant avec avis avoir avril
banque bien bon bonne bonjour bonsoir bordereau but c'est car carte cas ce ceci cela celle celui certificat ces cet cette chaque cher chère chers ci-joint ci-dessous client clients commande commandes comme comment commercial compte comptabilité concernant condition conditions
conformité conformément confirmation considération contact contrat contrats cordialement cordiales copie correction coût coordonnées cours courrier d'avance dans date de décembre décision décisions délai délais demande depuis dernier dernière dernières dernièrement des désormais dès détail
détails dette deuxième devis différence différences direction disponible distinguées document documents donc dont dossier droit du échéance écart écarts elle elles email en encore enfin ensuite entre entreprise environ erreur espérant est et étant étape état
été être évidemment expéditeur expiration facture factures faute février fin finalement finance fois fourniture fournisseur fournisseurs frais garantie gestion grâce hier honneur hors ici il ils impayé impayée impayés importante important indemnité information informations
intérêts j'ai janvier je jeudi jour jours juillet juin jusqu'à justificatif la là le les l'ensemble lettre leur leurs ligne lignes liste litige livraison livraisons lors lorsque lui lundi madame mademoiselle mai mail mais malgré malheureusement manque manquant manquants mardi mars marchandise
mercredi merci mes mesdames message messieurs mesure mise mode moins mois mon monsieur montant montants motif moyen néanmoins ni nom nombre non nos notamment note notes notre nous nouveau nouvelle nouvelles novembre numéro objet octobre offre offres
ou où oui par paragraphe parce pareil parmi partie pas passé paiement paiements pendant personne personnes pièce pièces plus plusieurs point points pour pourriez pouvez pouvons premier première près préalable prestation prière prix problème prochain prochaine produit produits projet proposition puis
puisque quand quantité quantités que quel quelle quelques question questions qui quoi rappel rappels rapport recevez réception reçu recouvrement référence règlement relance relances relevé remarque remerciant remise rendez-vous renseignement réponse reste résumé retard retour réunion risque risques sa salutations samedi
sans sauf se seconde selon semaine sentiments septembre sera service services ses seul si sincères sincèrement situation société soit solde somme sommes son sont sous souhaitant souhaitez suite sur surtout tant taux taxe tel téléphone tenant terme titre toujours tous tout toute toutefois toutes
très troisième trop un une unité urgent usage valeur vendredi vente ventes verrez versement veuillez via virement virements voici voilà vos votre vous vu bénéficiaire agréer assurance attente attestation compréhension confiance livrer merci précédent précédents réglée veillez bilan
"""

_SPANISH: Final = """
a abonado abonar abono abril acción acciones actividad actividades actualmente acuerdo adelante además adjunta adjuntamos adjunto adjuntos administración agosto agradecemos agradeciendo agradezco ahora al algo algún alguna algunos amable año antes apreciado apreciada aquel aquí archivo artículo artículos asimismo asunto
atención atentamente atento aun aún aunque aviso ayuda banco bien bienvenido buen buena buenas bueno buenos cada cambio cantidad cantidades cargo caso certificado cliente clientes cobro como comercial compra comunicación con concepto condiciones conforme confirmación consulta contacto contrato contratos copia cordial
cordiales cordialmente correo cosa crédito cual cuando cuanto cuenta cumplimiento dado datos de debe debido decisión decisiones del departamento desde detalle detalles deuda día días diciembre dicha dicho diferencia diferencias dirección disculpe disponible documento documentos domingo donde durante
e efectuar el él ella ellos embargo empresa en encantado enero entrega entregas entre enviado envío equipo error es esa ese eso espera esperamos esperando esta está estado estamos estas este estimada estimadas estimado estimados esto etapa euros factura facturas falta favor febrero fecha fechas fin final finalmente firme
gastos gestión gracias gratitud ha había hace hasta hay hemos hola hora hoy igualmente impagada impagado importe importes información informamos inmediato intereses jueves julio junio junto justificante la las le les línea líneas lista llamada lo los luego lunes más mal mañana martes marzo mas mayo mayor me medidas medio mensaje mes
mi mientras miércoles mismo motivo muchas mucho muy necesitamos ni ningún ninguna no nombre nos nosotros nota notas noviembre nuestra nuestras nuestro nuestros nueva nuevamente nuevo número o octubre oferta ofertas otra otro otros pago pagos para parte partida pasado pedido pedidos pendiente pendientes pero persona plazo
plazos póliza por porque posible precio precios pregunta presupuesto previo primer primera primero problema procedimiento producto productos próxima próximo proyecto pueden puede punto puntos pues que quedamos queda querida querido quien quisiéramos quizá rápidamente realizar recepción recibido recibir recibo reciba recordamos recordarle recordatorio recordatorios referencia
referente registro respecto respuesta resumen retraso reunión riesgo riesgos rogamos ruego sábado saldo saludo saludos salvo se según segunda segundo seguimiento seguro semana señor señora señores septiembre ser servicio servicios si sí sido siempre siguiente siguientes sin sino sírvase sobre solicitamos solicitud solo sólo son su
suma sus tal también tampoco tan tanto tarde teléfono tenemos tiene titular toda todas todavía todo todos total trabajo transferencia tras última últimas último últimos un una unidad urgente usted ustedes valor vencida vencidas vencido vencimiento vencimientos ventas ver vez viernes vista y ya yo proveedor proveedores quedando amistoso buenas importa
"""

_ITALIAN: Final = """
a abbiamo accordo acconto acquisto ad adesso aggiornamento agli agosto ai al alcuni alla alle allegato allegata allegati allegato allora altra altre altri altro amministrazione anche ancora anno anticipo anzi aprile articolo articoli assicurazione attendiamo attesa attività attuale attualmente azienda azione azioni banca
beneficiario bene bonifico bonifici buon buona buonasera buongiorno busta cara cari caro caso causa certificato certificati che chi chiediamo cliente clienti come commerciale compimento comunicazione con concordato condizioni conferma conformità confidando considerando considerato contatto conto contratto contratti
copia cordiale cordiali cordialità cordialmente così cosa costi costo credito cui da dagli dai dal dalla data date dati davvero debito decisione decisioni degli dei del della delle dello dettagli dettaglio di dicembre differenza differenze direzione disponibile distinti documentazione documento documenti domanda domande domenica dopo dove
dovuto durante e è ecco ed effettuare egregi egregio elenco entro errore esatto esempio estratto fa fase fattura fatture favore febbraio fermo fine fino finora fornitore fornitori forse fra gennaio gentile gentili gentilissima gentilissimo già giorni giorno giovedì giugno gli grazie ha ho i ieri il impegno importante importo importi in
inadempimento indirizzo infatti infine informazioni informiamo inoltre insoluta insolute insoluto interessi invece inviamo invio io la lavoro le legale lei lettera linea lista lo loro luglio lunedì ma maggio mancante mancanti mancata mancato marca martedì marzo me meglio mensile mentre mercoledì merce merci mese messaggio
mi mittente modalità modo molte molti molto motivo ne né nel nella nelle nessun nessuna niente no noi nome non nonostante nostra nostre nostri nostro nota note novembre nulla numero nuova nuovo o occasione offerta offerte oggetto oggi ogni oltre opera ora ordine ordini oppure ottobre pagamento pagamenti parte partita partite particolare
passato per perché perciò però persona piacere più pochi poi poiché porgiamo possibile posta precedente precedenti preghiamo prego presso prezzo prezzi prima primo problema procedere procedura prodotto prodotti progetto promemoria proposta prossima prossimo provvedere punto punti può purtroppo qualche qualcosa quale qualora quali quando quanto quantità
quel quella quello questa queste questi questo qui quindi ragione rapporto recapito regolare reclamo regolarizzare regolarmente relativa relativo restando restiamo resto riassunto ricevuta ricevuto richiesta richiediamo riepilogo riferimento riga righe rimaniamo ringraziamo ringraziando ringraziandovi risposta ritardo riunione rischio rischi rispetto sabato saldo salvo
salute saluti sarà sarebbe scade scaduta scadute scaduto scaduti scadenza scadenze se sé secondo seguente seguenti seguito sempre senza servizio servizi settembre settimana si sì siamo signor signora signore signori sino situazione sms soldi solleciti sollecitiamo sollecito solo somma sono sotto spedizione spese speriamo spett spettabile stato stesso
su sua subito sue sugli sul sulla suo suoi tale tali tanto telefono tempo termine termini totale tra trasporto trattandosi tutta tutti tutto ufficio ultima ultimo un una unità uno urgente valore vediamo vendita vendite venerdì verifica versamento via vi visto voglia vogliate voi volta vorremmo vostra vostre vostri vostro intestatario
"""

_DUTCH: Final = """
aan aandacht aanbetaling aanbieding aanbod aangezien aanleiding aanmaning aanmaningen aantal aanvraag achter achternaam achterstallige actie acties activiteit activiteiten adres af afdeling afgelopen afspraak afspraken afwijking afwijkingen akkoord al alle alleen alles als alsnog alstublieft alvast ander andere anders antwoord april artikel artikelen augustus
bank bankrekening bedankt bedrag bedragen bedrijf begin behoudens beide bel bericht beschikbaar besluit besluiten beste bestelling bestellingen bestelnummer betaal betaald betaaldatum betaaltermijn betaling betalingen betalingsherinnering betalingstermijn betreft bevestiging bij bijgevoegd bijlage bijlagen binnen blijft boven bovendien bovengenoemde brief btw buiten
certificaat certificaten contact contactpersoon contract contracten collega collega's cijfers d.d. daar daarna daarbij daarom daarmee dag dagen dan dank dat datum de december deel deze dezelfde dhr die dient dinsdag direct dit document documenten donderdag door doorgeven dringend drie dus e echter een eerder eerdere eerste eerstvolgende eigenaar einde
en enige enkele er euro factuur facturen factuurdatum factuurnummer februari formeel fout fouten gaat gaarne gebied gebruik geen gegevens gelieve gemachtigde geachte genoemd genoemde gesprek getekend geval gezien goed goede goedemiddag goedemorgen goedendag graag groet groeten had haar hallo handel hartelijk hartelijke hebben heeft heer helaas hem het heren herinnering herinneringen hier
hierbij hiermee hij hoe hoewel hoeveelheid hoeveelheden hoi hoofdsom houdt hun idee ieder iedere ik iets in incasso incassobureau incassokosten indien informatie ingebrekestelling inhoud inkoop inmiddels instantie is ja jaar jammer januari je juli juni juridische juni kan kans kantoor keer klant klanten klantnummer komende kopie korte korting kosten kunnen kunt kwartaal kwaliteit
laat laatste later leverancier leveranciers leverdatum levering leveringen levertijd liefst lijn lijst maand maandag maar maart maatregelen mail makelaar man me mededeling mee meer meest meerdere mei melding men met mevrouw meneer middels mijn minder mocht mochten moet mogelijk mogelijkheid momenteel na naam naar nadat nader namelijk namens natuurlijk nee neem netto niet niets
nieuw nieuwe nodig nog nogmaals noot notitie notities november nu nummer of offerte offertes ofschoon oktober om omdat omschrijving ondanks onder ondergetekende onderhandeling ondernemen onderneming onderwerp ondertussen ongeveer ons onze ontbrekend ontbrekende ontbreekt ontvangen ontvangst ook oorzaak op openstaand openstaande opdracht opdrachten opmerking opmerkingen orde order orders origineel over overboeking
overeenkomst overeenkomsten overig overleg overweging overzicht pagina pakket partij per periode persoon plaats plan post prijs prijzen probleem procedure product producten project punt punten reactie recent recht rechtsmaatregelen reden referentie regel regels rekening rekeningnummer rente rest resultaat risico risico's samen samenvatting saldo schrijven september service sinds slechts snel sneller soms spoed spoedig
stand stap stappen status stel stuk stuks stuur te tegen tegenover telefoon telefonisch telefoonnummer ten tenaamstelling tenminste tenslotte tenzij ter terug termijn tevens tijd tijdens toch toe toen tot totaal totaalbedrag totdat transport tussen twee uit uiterlijk uiteraard uitstel u uur uw vaak van vanaf vandaag vandaar vanwege vast veel ver veranderingen verantwoordelijke verder verdere vergadering vergeten vergoeding verklaring verkoop
verlopen verplichting verschil verschillen verschuldigd verschuldigde vertraging vertrouwen vertrouwende verval vervaldatum vervallen verwachten verzekering verzending verzoek verzoeken via vijf volgend volgende volgens volledig voldoen voldaan voor vooraf voorbehoud voorbeeld voordat voorstel voorwaarden voorzien vraag vragen vriendelijk vriendelijke vrijdag waar waarbij waarde waarom waarvan wanneer want was wat wederom week weer wegens wel welk welke werkdagen werk wettelijke wie wij wilt
willen woensdag worden wordt zaak zaken zaterdag ze zeer zelf zelfs zes zie zij zijn zo zoals zodat zodra zojuist zonder zondag zou zoudt zullen vordering vorderingen
"""

_POLISH: Final = """
a aby adres akcja aktualnie ale albo ani artykuł bank bardzo bez bezzwłocznie bieżący będzie będziemy będąc biuro blisko błąd brak brakujące brakujący były był była było bo by całość całkowita cel cena ceny certyfikat certyfikaty chcemy chcielibyśmy choć ci ciągu co czas czasu czekamy czego czerwca czerwiec czwartek czy czyli czynności część czym
dalsze dalszych dane dana data daty decyzja decyzje dla dlatego dlaczego do dobry dokument dokumenty dokumentów dodatkowo dołączamy doręczenie dostarczenie dostawa dostawy dostawca dostawcy drodze droga drogi drogą drodzy drugie dziękuję dziękujemy dzień dzisiaj dziś dział działania ewentualne ewentualnie e-mail euro faktura faktur faktury fakturę fakturami firma firmy formalne
gdy gdyby gdzie godzina grudnia grudzień gwarancja ich ile ilość ilości im imię informacja informacje informujemy inne innym istnieje iż ja jak jakie jako jakość jednak jednocześnie jego jej jest jestem jesteśmy jeszcze jeśli jeżeli już każda każdy kiedy kierownik klient klienci klienta kolejne konto konta kontakt koszt koszty korekta krok kroki która które którego którą którzy kto kwartał
kwietnia kwiecień kwota kwoty kwotę liczba linia lipca lipiec list lista listopad listopada ludzie lub luty lutego łącznie łączna łączną maja maj mail mamy marca marzec masz mi miejsca miejsce miesiąc między mimo mnie moglibyście możemy może możliwe możliwość musi my na nad nadal nadzieję nadawca należność należności naliczenie najpóźniej najbliższym nam nami nas nasz nasza nasze naszego naszej naszym
natychmiast nazwa następnie następny następne następujące nic nie niedziela niedopłata niestety niezwłocznie niezwłocznego niezapłacona niezapłacone niezapłaconych nim niniejszym niż no notatka notatki nowa nowe nowy numer o obecnie ocena od odbiorca odnośnie odpowiedź odpowiedzi odsetki odsetek oferta oferty ogólna ogółem okres on ona one oni opis opłata opóźnienie opóźnienia oraz osoba osoby ostatni ostatnia ostatnie ostateczne
ostatecznie oto otrzymaliśmy ósmy paczka październik października państwo państwa państwu pan pana pani panie panią panowie panu partner partnerzy pełna piątek pierwszy pierwsze pilne pismo plan płatność płatności po pod podatek podpis podstawa podsumowanie pomimo pomoc poniedziałek poniżej ponieważ ponowne ponownie potwierdzamy potwierdzenie potwierdzenia powyżej powyższa powyższe pozdrawiam pozdrawiamy pozdrowienia pozdrowieniami pozostaje
pozostajemy pozycja pozycje półrocze proces procedura produkt produkty projekt prosimy proszę prośba propozycja przed przedmiot przedsądowe przedpłata przekazujemy przelew przelewu przelewem przepraszamy przesyłka przesyłamy przez przeterminowana przeterminowane przy przykro przypadku przypominamy przypomnienie przypomnienia punkt punkty pytania pytanie rachunek rachunku raport raty razem realizacja regulacja regulowanie reklamacja również różnica różnice ryzyko ryzyka są sąd sądowe saldo się sierpień sierpnia
skoro sobota spłata sposób sprawa sprawie sprawdzenie spotkanie sprzedaż stan stanowisko status stawka strona strony styczeń stycznia sumy suma swoje szanowna szanowne szanowni szanowny szczegóły środa ta tabela tak także tam te tego tej telefon temat ten termin terminu terminie terminy teraz też to towar transport treść trzy tu tutaj tydzień tygodni tygodnia tylko tym tymczasem tytuł tytułem u ubezpieczenie uiszczenie umowa umowy uprzejmie
upłynął upływ uregulowanie uregulowania usługa usługi ustalenia uwaga uwagi uwadze w wartość warunki wasza wasze ważne ważność wcześniej wcześniejsze we według wezwania wezwanie więc wierzyciel wierzymy windykacja wiadomość wobec wpłata wpłaty wraz wrzesień września wszelkie wszystkie wszyscy wszystko wtorek wtedy wyjaśnienie wykaz wykonanie wysłanie wysokość wysokości wystawiona wz wymagane względu z za zadania zadanie zadłużenie zakup zakupu zaległość zaległości załatwienie
załączeniu załącznik załączniki zalegla zaległe zamówienie zamówienia zapłata zapłaty zapłatę zapytanie zatem zawiadomienie ze zero zespół zgodnie zgoda zgodność zmiana zmiany znak został została zostanie zostało zwłoki zwracamy zwrot życzeniami żaden że żeby
"""

_TITLES: Final = """
mr mrs ms miss mx dr prof sir madam herr frau monsieur madame mme mlle m señor señora sr sra srta don doña signor signora sig dott dottore dottoressa dhr mevr mevrouw meneer heer pan pani panie panowie
iban bic swift vat po pdf usd gbp ust mwst ustid uid tva siret siren iva cif nif btw kvk nip regon vies gdpr dsgvo rgpd avg rodo id ok faq ceo cfo cto coo hr it nb ps fyi asap rsvp eta sla nda kpi roi eu csv xlsx docx url www http https edi sepa ach ean sku rfq rfp
msds coc moq incoterms exw dap ddp fob cif cip erp crm api sms whatsapp bank i ii iii iv v vi vii x cc bcc re fw fwd aw wg nr no num tel fax co agb hrb hrg
"""

ORDINARY: Final = frozenset(
    word
    for words in (_ENGLISH, _GERMAN, _FRENCH, _SPANISH, _ITALIAN, _DUTCH, _POLISH, _TITLES)
    for word in words.split()
)
"""All of them, small."""

GREETINGS: Final = frozenset(
    "dear hello hi hey mr mrs ms miss dr prof herr herrn frau hallo liebe lieber geehrte geehrter geehrten guten bonjour "
    "monsieur madame cher chère hola señor señora sr sra don doña estimado estimada ciao caro cara gentile egregio "
    "signor signora sig sig.ra spett spettabile geachte beste heer mevrouw dhr mevr pan pani panie panu panią szanowny szanowna "
    "drogi droga".split()
)
"""Behind these somebody is called by name."""

ADDRESSED: Final = frozenset(
    "sir madam all team colleagues colleague customer customers client clients supplier partner partners accounts accounting "
    "finance department everyone both ladies gentlemen mr mrs ms dr prof and or payable receivable support sales there damen herren herr frau "
    "kollegen kolleginnen kollege kollegin kunde kundin kunden geschäftspartner lieferant dr tag morgen abend monsieur madame messieurs mesdames client cliente collègues équipe "
    "à nous vous le la señores señor señora señoras colegas equipo proveedor buenos signori signore signora signor dottore dottoressa team colleghi "
    "fornitore heer mevrouw heren dames klant relatie collega's leverancier panie pani panu państwo pan kliencie klienci partnerze zespole dyrektorze "
    "prezesie best kind warm sincerely from the your our company ditta società".split()
)
"""Who may be called without a name."""
